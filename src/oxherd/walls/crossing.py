"""The questions that reach over the walls, as narrow as can be: answered by the owner of the tables.

A verified domain is unique over all customers. To say so before the unique index does, the panel must learn that
somebody has it; it learns nothing else, and only of names that it asks for.

Mail is passed on from customer to customer, and must not come back to where it was. The panel learns of addresses that
it names whether mail to them arrives at others that it names, and nothing of the way there.
"""

from collections.abc import Iterable

from django.db import connection

VERIFIED_ELSEWHERE = """
CREATE OR REPLACE FUNCTION oxherd_verified_elsewhere(text[], bigint) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ SELECT name FROM oxherd_domain WHERE name = ANY ($1) AND verified_at IS NOT NULL
   AND presence <> 'removed' AND tenant_id <> $2 $$
"""

# From each address on to whatever it leads to. What is below an address (info+news@ below info@) leads to where that
# one does, as mail servers take it, even where somebody has it by itself now: who gives it up must not close a circle.
_PLAIN = r"regexp_replace({}, '\+[^@]*@', '@')"
_ARRIVES = f"""
    WITH RECURSIVE reached (address) AS (
        SELECT unnest({{}})
         UNION
        SELECT onward.address
          FROM reached
          JOIN oxherd_address held ON held.address = ANY (ARRAY[reached.address, {_PLAIN.format("reached.address")}])
          JOIN oxherd_domain domain ON domain.id = held.domain_id
          JOIN oxherd_tenant tenant ON tenant.id = domain.tenant_id
          JOIN oxherd_brand brand ON brand.id = tenant.brand_id
         CROSS JOIN LATERAL (
                SELECT recipient.address FROM oxherd_recipient recipient
                 WHERE recipient.forwarder_id = held.forwarder_id AND recipient.address <> ''
                 UNION ALL
                SELECT outside.address FROM oxherd_outsidemember outside WHERE outside.group_id = held.group_id
               ) onward
         WHERE brand.platform = 'app_suite'
    )
    SELECT 1 FROM reached WHERE address = ANY ($2) OR {_PLAIN.format("address")} = ANY ($2)
"""  # noqa: S608 - ours
LEADS_BACK = f"""
CREATE OR REPLACE FUNCTION oxherd_leads_back(text[], text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS
$$ BEGIN
    IF EXISTS ({_ARRIVES.format("$1")}) THEN
        RETURN QUERY SELECT first FROM unnest($1) AS first WHERE EXISTS ({_ARRIVES.format("ARRAY[first]")})
                      ORDER BY first LIMIT 3;
    END IF;
END $$
"""  # noqa: S608 - ours


def leads_back(onward: Iterable[str], own: Iterable[str]) -> list[str]:
    """The first few of the addresses `onward` from which mail arrives at one of `own` (stored forms); one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM oxherd_leads_back(%s, %s)", [sorted(onward), sorted(own)])
        return [address for (address,) in cursor.fetchall()]


def verified_elsewhere(names: Iterable[str], tenant_id: int) -> set[str]:
    """Which of these domain names (stored form) another tenant has proved to own; one query, none for none."""
    asked = list(names)
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM oxherd_verified_elsewhere(%s, %s)", [asked, tenant_id])
        return {name for (name,) in cursor.fetchall()}
