-- What Postfix and Dovecot read: true the moment a change is committed, since it is made of the very rows that are saved.
--
-- The views say where mail goes. The functions give the same answers for one key; PostgreSQL keeps their plans, while it
-- plans a view's query anew for each look-up, which takes longer than the look-up itself. A test holds both equal.
-- Both run with the rights of their owner, so that the servers' roles need none on any table.

CREATE SCHEMA mail;

-- Domains that carry mail. Whatever stands in a domain that is not among these is not known to any server.
CREATE VIEW mail.domains AS
SELECT domain.name::text AS domain, domain.id AS domain_id, domain.tenant_id, domain.catch_all_id, brand.mail_of_disabled
  FROM public.oxherd_domain domain
  JOIN public.oxherd_tenant tenant ON tenant.id = domain.tenant_id
  JOIN public.oxherd_brand brand ON brand.id = tenant.brand_id
 WHERE domain.verified_at IS NOT NULL AND domain.presence = 'present' AND tenant.state = 'active' AND brand.carries_mail;

CREATE VIEW mail.addresses AS
SELECT address.address::text AS address, address.kind::text AS kind, address.user_id, address.group_id,
       address.resource_id, address.forwarder_id, domain.tenant_id, domain.mail_of_disabled
  FROM public.oxherd_address address
  JOIN mail.domains domain ON domain.domain_id = address.domain_id;

-- Users with OX, who are present as well: their mail, and their login at Dovecot, goes by the primary address.
CREATE VIEW mail.enabled AS
SELECT account.user_id, account.primary_address::text AS login, account.profile_id
  FROM public.oxherd_oxaccount account
 WHERE account.presence = 'present';

-- Their mailboxes. The home is named by ids: a new address keeps the mail.
CREATE VIEW mail.people AS
SELECT address.address, address.address AS login, address.user_id, address.tenant_id,
       address.tenant_id || '/' || address.user_id AS home, profile.mail_quota_mb
  FROM mail.addresses address
  JOIN mail.enabled enabled ON enabled.user_id = address.user_id
  JOIN public.oxherd_profile profile ON profile.id = enabled.profile_id
 WHERE address.kind = 'primary';

-- A resource's mail goes to who decides on its bookings. Where that is nobody, it is kept, and nobody can sign in there.
CREATE VIEW mail.rooms AS
SELECT address.address, address.address AS login, NULL::bigint AS user_id, address.tenant_id,
       address.tenant_id || '/resource-' || resource.id AS home, NULL::integer AS mail_quota_mb
  FROM mail.addresses address
  JOIN public.oxherd_resource resource ON resource.id = address.resource_id
 WHERE resource.presence = 'present'
   AND NOT EXISTS (SELECT 1 FROM mail.people manager WHERE manager.user_id = resource.manager_id);

CREATE VIEW mail.mailboxes AS SELECT * FROM mail.people UNION ALL SELECT * FROM mail.rooms;

-- Domains of suspended customers: to the outside their mail would come back at once, again and again.
CREATE VIEW mail.silent_domains AS
SELECT domain.name::text AS domain
  FROM public.oxherd_domain domain
  JOIN public.oxherd_tenant tenant ON tenant.id = domain.tenant_id
  JOIN public.oxherd_brand brand ON brand.id = tenant.brand_id
 WHERE domain.verified_at IS NOT NULL AND domain.presence = 'present' AND tenant.state <> 'active' AND brand.carries_mail;

CREATE VIEW mail.forwarder_recipients AS
SELECT recipient.forwarder_id, coalesce(person.address, recipient.address) AS destination
  FROM public.oxherd_recipient recipient
  LEFT JOIN mail.people person ON person.user_id = recipient.user_id
 WHERE person.address IS NOT NULL
    OR (recipient.address <> '' AND NOT EXISTS (
        SELECT 1 FROM mail.silent_domains silent WHERE silent.domain = split_part(recipient.address, '@', 2)));

CREATE VIEW mail.group_recipients AS
SELECT member.group_id, person.address AS destination
  FROM public.oxherd_member member JOIN mail.people person ON person.user_id = member.user_id
 UNION ALL
SELECT outside.group_id, outside.address
  FROM public.oxherd_outsidemember outside
 WHERE NOT EXISTS (SELECT 1 FROM mail.silent_domains silent WHERE silent.domain = split_part(outside.address, '@', 2));

-- Each address with those who get its mail. A row for each known address, if only to itself: without one, its mail
-- would fall to the catch-all. What is wrong with such an address is told by mail.access and mail.transports.
CREATE VIEW mail.deliveries AS
SELECT address.address, person.address AS destination
  FROM mail.addresses address JOIN mail.people person ON person.user_id = address.user_id
 WHERE address.kind IN ('primary', 'alias')
 UNION ALL
SELECT address.address, coalesce(manager.address, address.address)
  FROM mail.addresses address
  JOIN public.oxherd_resource resource ON resource.id = address.resource_id AND resource.presence = 'present'
  LEFT JOIN mail.people manager ON manager.user_id = resource.manager_id
 UNION ALL
SELECT address.address, recipient.destination
  FROM mail.addresses address JOIN mail.forwarder_recipients recipient ON recipient.forwarder_id = address.forwarder_id
 UNION ALL
SELECT address.address, recipient.destination
  FROM mail.addresses address JOIN mail.group_recipients recipient ON recipient.group_id = address.group_id;

CREATE VIEW mail.recipients AS
SELECT address, destination FROM mail.deliveries
 UNION ALL
SELECT address.address, address.address FROM mail.addresses address
 WHERE NOT EXISTS (SELECT 1 FROM mail.deliveries delivery WHERE delivery.address = address.address);

CREATE VIEW mail.catch_alls AS
SELECT domain.domain, person.address AS destination
  FROM mail.domains domain JOIN mail.people person ON person.user_id = domain.catch_all_id;

-- Users without OX, whose address is kept for them.
CREATE VIEW mail.disabled AS
SELECT address.address, address.mail_of_disabled
  FROM mail.addresses address
 WHERE address.user_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM mail.people person WHERE person.user_id = address.user_id);

CREATE VIEW mail.transports AS
SELECT address, 'retry:4.2.1 This mailbox is on hold'::text AS transport FROM mail.disabled WHERE mail_of_disabled = 'hold';

-- What Postfix is to say of a recipient; `inside_only` is a class of restrictions in its main.cf.
CREATE VIEW mail.access AS
SELECT address, '550 5.2.1 This mailbox is disabled'::text AS action FROM mail.disabled WHERE mail_of_disabled <> 'hold'
 UNION ALL
SELECT address.address, '550 5.1.1 This address is not in use'
  FROM mail.addresses address JOIN mail.people person ON person.user_id = address.user_id
 WHERE address.kind = 'login'
 UNION ALL
SELECT address.address, '550 5.1.1 This address is not in use'
  FROM mail.addresses address JOIN public.oxherd_resource resource ON resource.id = address.resource_id
 WHERE resource.presence <> 'present'
 UNION ALL
SELECT address.address, '550 5.2.4 Nobody gets the mail of this address'
  FROM mail.addresses address
 WHERE (address.group_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM mail.group_recipients recipient WHERE recipient.group_id = address.group_id))
    OR (address.forwarder_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM mail.forwarder_recipients recipient WHERE recipient.forwarder_id = address.forwarder_id))
 UNION ALL
SELECT address.address, 'inside_only'
  FROM mail.addresses address JOIN public.oxherd_group "group" ON "group".id = address.group_id
 WHERE "group".senders = 'inside' AND EXISTS (
       SELECT 1 FROM mail.group_recipients recipient WHERE recipient.group_id = address.group_id);

-- Who may send as an address.
CREATE VIEW mail.senders AS
SELECT address.address AS sender, person.login
  FROM mail.addresses address JOIN mail.people person ON person.user_id = address.user_id
 WHERE address.kind IN ('primary', 'alias');

-- Under which names somebody signs in for mail: the login, which may be an alias as well, and the primary address.
CREATE VIEW mail.logins AS
SELECT address.address::text AS name, person.login, person.user_id, owner.password_hash::text AS password
  FROM public.oxherd_address address
  JOIN mail.people person ON person.user_id = address.user_id
  JOIN public.oxherd_serviceuser owner ON owner.id = person.user_id
 WHERE (address.kind IN ('login', 'primary') OR address.address = owner.login) AND owner.password_hash <> '';

CREATE VIEW mail.app_passwords AS
SELECT login.name, login.login, password.digest::text AS digest
  FROM mail.logins login JOIN public.oxherd_apppassword password ON password.user_id = login.user_id;


-- The look-ups of Postfix, one for each of its maps. Keys come in lower case. Each first finds the address, and then asks
-- only what its kind needs to know. No search path is set for them, which would cost more than the look-up: all tables are
-- named with their schema, and the servers' roles can make no functions or operators to stand in the way of PostgreSQL's.

CREATE FUNCTION mail.domain(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$ BEGIN
    RETURN QUERY SELECT domain.domain FROM mail.domains domain WHERE domain.domain = key;
END $$;

-- An address with the login of its user, where the user has OX. Of a primary address that is enough to know; whoever has
-- an alias is asked in addition whether the primary address is in a domain that carries mail.
CREATE VIEW mail.keys AS
SELECT address.address, address.kind, address.user_id, address.group_id, address.resource_id, address.forwarder_id,
       address.mail_of_disabled, enabled.login
  FROM mail.addresses address LEFT JOIN mail.enabled enabled ON enabled.user_id = address.user_id;

CREATE FUNCTION mail.login_of(kind text, owner_id bigint, login text)
RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN
    IF login IS NULL OR kind = 'primary' THEN
        RETURN login;
    END IF;
    RETURN (SELECT person.login FROM mail.people person WHERE person.user_id = owner_id);
END $$;

-- Postfix asks for user+tag@domain, user@domain and last for @domain, which is the catch-all.
CREATE FUNCTION mail.route(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found_address record;
BEGIN
    IF left(key, 1) = '@' THEN
        RETURN QUERY SELECT person.address FROM mail.people person WHERE person.user_id = (
            SELECT domain.catch_all_id FROM mail.domains domain WHERE domain.domain = substr(key, 2));
        RETURN;
    END IF;
    SELECT * INTO found_address FROM mail.addresses WHERE address = key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    CASE found_address.kind
        WHEN 'alias' THEN
            RETURN QUERY SELECT person.address FROM mail.people person WHERE person.user_id = found_address.user_id;
        WHEN 'group' THEN
            RETURN QUERY SELECT destination FROM mail.group_recipients WHERE group_id = found_address.group_id;
        WHEN 'forwarder' THEN
            RETURN QUERY
            SELECT destination FROM mail.forwarder_recipients WHERE forwarder_id = found_address.forwarder_id;
        WHEN 'resource' THEN
            RETURN QUERY
            SELECT manager.address FROM public.oxherd_resource resource
              JOIN mail.people manager ON manager.user_id = resource.manager_id
             WHERE resource.id = found_address.resource_id AND resource.presence = 'present';
        ELSE
            RETURN NEXT key;
            RETURN;
    END CASE;
    IF NOT FOUND THEN
        RETURN NEXT key;
    END IF;
END $$;

CREATE FUNCTION mail.mailbox(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found record;
BEGIN
    SELECT kind, login INTO found FROM mail.keys WHERE address = key;
    IF found.kind = 'primary' THEN
        IF found.login IS NOT NULL THEN
            RETURN NEXT found.login;
        END IF;
    ELSIF found.kind = 'resource' THEN
        RETURN QUERY SELECT room.login FROM mail.rooms room WHERE room.address = key;
    END IF;
END $$;

CREATE FUNCTION mail.transport(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found record;
BEGIN
    SELECT kind, user_id, login INTO found FROM mail.keys WHERE address = key AND mail_of_disabled = 'hold';
    IF found.user_id IS NOT NULL AND mail.login_of(found.kind, found.user_id, found.login) IS NULL THEN
        RETURN NEXT 'retry:4.2.1 This mailbox is on hold';
    END IF;
END $$;

CREATE FUNCTION mail.restriction(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found_address record;
BEGIN
    SELECT * INTO found_address FROM mail.keys WHERE address = key;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF found_address.user_id IS NOT NULL THEN
        IF mail.login_of(found_address.kind, found_address.user_id, found_address.login) IS NULL THEN
            IF found_address.mail_of_disabled <> 'hold' THEN
                RETURN NEXT '550 5.2.1 This mailbox is disabled';
            END IF;
        ELSIF found_address.kind = 'login' THEN
            RETURN NEXT '550 5.1.1 This address is not in use';
        END IF;
        RETURN;
    END IF;
    CASE found_address.kind
        WHEN 'group' THEN
            IF NOT EXISTS (SELECT 1 FROM mail.group_recipients WHERE group_id = found_address.group_id) THEN
                RETURN NEXT '550 5.2.4 Nobody gets the mail of this address';
            ELSIF (SELECT senders FROM public.oxherd_group WHERE id = found_address.group_id) = 'inside' THEN
                RETURN NEXT 'inside_only';
            END IF;
        WHEN 'forwarder' THEN
            IF NOT EXISTS (SELECT 1 FROM mail.forwarder_recipients WHERE forwarder_id = found_address.forwarder_id) THEN
                RETURN NEXT '550 5.2.4 Nobody gets the mail of this address';
            END IF;
        WHEN 'resource' THEN
            IF (SELECT presence FROM public.oxherd_resource WHERE id = found_address.resource_id) <> 'present' THEN
                RETURN NEXT '550 5.1.1 This address is not in use';
            END IF;
    END CASE;
END $$;

CREATE FUNCTION mail.sender(key text) RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found record;
BEGIN
    SELECT kind, user_id, login INTO found FROM mail.keys WHERE address = key AND kind IN ('primary', 'alias');
    found.login := mail.login_of(found.kind, found.user_id, found.login);
    IF found.login IS NOT NULL THEN
        RETURN NEXT found.login;
    END IF;
END $$;

-- Whether somebody who has signed in may write to a group that takes mail of its customer's users only.
CREATE FUNCTION mail.may_post(recipient text, sender_login text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$ BEGIN
    RETURN EXISTS (
        SELECT 1 FROM mail.addresses address
         WHERE address.address IN (recipient, regexp_replace(recipient, '\+[^@]*@', '@')) AND address.group_id IS NOT NULL
           AND address.tenant_id = (
               SELECT person.tenant_id FROM public.oxherd_address typed
                 JOIN mail.people person ON person.user_id = typed.user_id
                WHERE typed.address = sender_login AND typed.kind IN ('login', 'primary')));
END $$;

-- The look-ups of Dovecot.

CREATE FUNCTION mail.credential(typed text, OUT login text, OUT password text)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    owner_id bigint := (
        SELECT address.user_id FROM public.oxherd_address address
          JOIN public.oxherd_serviceuser owner ON owner.id = address.user_id
         WHERE address.address = typed AND (address.kind IN ('login', 'primary') OR owner.login = typed));
BEGIN
    RETURN QUERY
    SELECT person.login, owner.password_hash::text
      FROM mail.people person JOIN public.oxherd_serviceuser owner ON owner.id = person.user_id
     WHERE person.user_id = owner_id AND owner.password_hash <> '';
END $$;

CREATE FUNCTION mail.app_password(typed text, typed_digest text)
RETURNS SETOF text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    owner_id bigint := (
        SELECT password.user_id FROM public.oxherd_apppassword password WHERE password.digest = typed_digest);
BEGIN
    IF owner_id IS NOT NULL THEN
        RETURN QUERY
        SELECT person.login FROM mail.people person
         WHERE person.user_id = owner_id AND EXISTS (
               SELECT 1 FROM public.oxherd_address address
                 JOIN public.oxherd_serviceuser owner ON owner.id = address.user_id
                WHERE address.address = typed AND address.user_id = owner_id
                  AND (address.kind IN ('login', 'primary') OR owner.login = typed));
    END IF;
END $$;

-- The mailbox behind any address of a user, or of a resource: delivery and quota ask with the address of the envelope,
-- its tag included. Dovecot itself knows of no tags: it would take one from an address that is somebody's as it stands.
CREATE FUNCTION mail.box(key text, OUT login text, OUT home text, OUT mail_quota_mb integer)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
    found_address record;
BEGIN
    SELECT address.address, address.user_id, address.resource_id INTO found_address
      FROM public.oxherd_address address WHERE address.address = key;
    IF NOT FOUND THEN
        SELECT address.address, address.user_id, address.resource_id INTO found_address
          FROM public.oxherd_address address WHERE address.address = regexp_replace(key, '\+[^@]*@', '@');
    END IF;
    IF found_address.user_id IS NOT NULL THEN
        RETURN QUERY SELECT person.login, person.home, person.mail_quota_mb
                       FROM mail.people person WHERE person.user_id = found_address.user_id;
    ELSIF found_address.resource_id IS NOT NULL THEN
        RETURN QUERY SELECT room.login, room.home, room.mail_quota_mb
                       FROM mail.rooms room WHERE room.address = found_address.address;
    END IF;
END $$;

-- What Dovecot tells of the size of a mailbox, with each change. Nothing stays in this table: the trigger writes the
-- number to the account, in megabytes, and only where it is another. An account that a command holds is told next time.
CREATE TABLE mail.used (login text PRIMARY KEY, bytes bigint, messages bigint);

CREATE FUNCTION mail.take_used() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    megabytes integer := least(ceil(new.bytes / 1048576.0), 2147483647);
BEGIN
    UPDATE public.oxherd_oxaccount account SET mail_used_mb = megabytes, mail_used_at = now()
     WHERE account.id = (
           SELECT held.id FROM public.oxherd_oxaccount held
             JOIN public.oxherd_address address ON address.user_id = held.user_id
            WHERE address.address = new.login AND address.kind = 'primary' AND held.presence = 'present'
              AND (held.mail_used_mb IS DISTINCT FROM megabytes OR held.mail_used_at < now() - interval '1 hour')
              FOR NO KEY UPDATE OF held SKIP LOCKED)
       AND new.bytes IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER take_used BEFORE INSERT ON mail.used FOR EACH ROW EXECUTE FUNCTION mail.take_used();
