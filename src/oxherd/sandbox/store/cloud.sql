-- What OX Cloud adds: resellers (its brands), who owns which context, and the limits that may be set.

CREATE TABLE IF NOT EXISTS reseller (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id INTEGER REFERENCES reseller,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    display_name TEXT NOT NULL,
    password TEXT NOT NULL,
    mechanism TEXT NOT NULL,
    restrictions TEXT NOT NULL DEFAULT '{}',
    capabilities TEXT NOT NULL DEFAULT '[]',
    taxonomies TEXT NOT NULL DEFAULT '[]',
    configuration TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS reseller_by_parent ON reseller (parent_id);

-- `reseller_id` is null for a context that the master made; without a row a context has nothing of this.
CREATE TABLE IF NOT EXISTS ownership (
    context_id INTEGER PRIMARY KEY REFERENCES context ON DELETE CASCADE,
    reseller_id INTEGER REFERENCES reseller,
    custom_id TEXT,
    restrictions TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS ownership_by_reseller ON ownership (reseller_id, context_id);

-- A user without a row has a mailbox without limit and with all permissions. `quota` and `used_files` in MB (quota 0 is
-- unlimited), `used` in KiB. The permission to sign in on the web is the user's `mailenabled`.
CREATE TABLE IF NOT EXISTS mailbox (
    context_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    quota INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0,
    used_files INTEGER NOT NULL DEFAULT 0,
    spam_level TEXT NOT NULL DEFAULT 'high',
    send INTEGER NOT NULL DEFAULT 1,
    receive INTEGER NOT NULL DEFAULT 1,
    maillogin INTEGER NOT NULL DEFAULT 1,
    user_admin INTEGER NOT NULL DEFAULT 0,
    email_backup INTEGER NOT NULL DEFAULT 0,
    custom TEXT,
    msisdn TEXT,
    delivery_status TEXT,
    legacy_ref TEXT,
    PRIMARY KEY (context_id, user_id),
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS shared_domain (
    domain TEXT PRIMARY KEY,
    reseller_id INTEGER REFERENCES reseller ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shared_domain_by_reseller ON shared_domain (reseller_id);

CREATE TABLE IF NOT EXISTS catchall (
    domain TEXT PRIMARY KEY,
    context_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS catchall_by_user ON catchall (context_id, user_id);

CREATE TABLE IF NOT EXISTS forward (
    folded TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    domain TEXT NOT NULL,
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE,
    spam_level TEXT NOT NULL DEFAULT 'high'
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS forward_by_context ON forward (context_id, folded);
CREATE INDEX IF NOT EXISTS forward_by_domain ON forward (domain, context_id);

CREATE TABLE IF NOT EXISTS forward_recipient (
    forward TEXT NOT NULL REFERENCES forward ON DELETE CASCADE,
    folded TEXT NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (forward, folded)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS brand_theme (
    reseller_id INTEGER PRIMARY KEY REFERENCES reseller ON DELETE CASCADE,
    content TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS context_theme (
    context_id INTEGER PRIMARY KEY REFERENCES context ON DELETE CASCADE,
    content TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS announcement (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reseller_id INTEGER NOT NULL REFERENCES reseller ON DELETE CASCADE,
    enabled INTEGER NOT NULL DEFAULT 1,
    content TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS announcement_by_reseller ON announcement (reseller_id);

-- The names that restrictions may have; filled once, when the stand-in first starts.
CREATE TABLE IF NOT EXISTS restriction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

-- How many users of a context have which flags is asked whenever such a limit is set.
CREATE INDEX IF NOT EXISTS user_by_access ON user (context_id, access);

INSERT OR IGNORE INTO counter VALUES ('context', 0);
