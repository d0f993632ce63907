-- Everything that the stand-in holds. Folded columns carry the text without regard to case; names of groups and resources
-- are ASCII, for which NOCASE is enough.

CREATE TABLE IF NOT EXISTS counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS filestore (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    size INTEGER NOT NULL,
    max_contexts INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS database (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS context (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    enabled INTEGER NOT NULL DEFAULT 1,
    max_quota INTEGER NOT NULL,
    filestore_id INTEGER NOT NULL,
    database_id INTEGER NOT NULL,
    gab_mode TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    capabilities TEXT NOT NULL DEFAULT '{}',
    quotas TEXT NOT NULL DEFAULT '{}',
    next_id INTEGER NOT NULL DEFAULT 3
);

CREATE TABLE IF NOT EXISTS login_mapping (
    folded TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS login_mapping_of_context ON login_mapping (context_id, folded);

CREATE TABLE IF NOT EXISTS user (
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    folded_display_name TEXT NOT NULL,
    primary_email TEXT NOT NULL,
    folded_primary_email TEXT NOT NULL,
    guest INTEGER NOT NULL DEFAULT 0,
    access INTEGER NOT NULL,
    password TEXT NOT NULL,
    mechanism TEXT NOT NULL,
    filestore_id INTEGER,
    filestore_owner INTEGER,
    max_quota INTEGER,
    personal TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    capabilities TEXT NOT NULL DEFAULT '{}',
    fields TEXT NOT NULL,
    PRIMARY KEY (context_id, id)
);
-- Also for the logins of OX Cloud, which are unique beyond the context.
CREATE UNIQUE INDEX IF NOT EXISTS user_by_login ON user (name, context_id);
CREATE INDEX IF NOT EXISTS user_by_folded_name ON user (context_id, folded_name);
CREATE INDEX IF NOT EXISTS user_by_display_name ON user (context_id, folded_display_name);
CREATE INDEX IF NOT EXISTS user_by_primary_email ON user (context_id, folded_primary_email);
CREATE INDEX IF NOT EXISTS user_by_filestore_owner ON user (context_id, filestore_owner)
    WHERE filestore_owner IS NOT NULL;

CREATE TABLE IF NOT EXISTS alias (
    context_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    folded TEXT NOT NULL,
    domain TEXT NOT NULL,
    PRIMARY KEY (context_id, user_id, folded),
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
) WITHOUT ROWID;
-- The context comes last, since OX Cloud minds the addresses and domains of other contexts too.
CREATE INDEX IF NOT EXISTS alias_of_domain ON alias (domain, context_id, user_id);
CREATE INDEX IF NOT EXISTS alias_of_address ON alias (folded, context_id);

CREATE TABLE IF NOT EXISTS photo (
    context_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (context_id, user_id),
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS groups (
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    PRIMARY KEY (context_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS group_by_name ON groups (context_id, name COLLATE NOCASE);

CREATE TABLE IF NOT EXISTS member (
    context_id INTEGER NOT NULL,
    group_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    PRIMARY KEY (context_id, group_id, user_id),
    FOREIGN KEY (context_id, group_id) REFERENCES groups ON DELETE CASCADE,
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS member_by_user ON member (context_id, user_id);

CREATE TABLE IF NOT EXISTS resource (
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    folded_email TEXT NOT NULL,
    description TEXT,
    available INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (context_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS resource_by_name ON resource (context_id, name COLLATE NOCASE);
CREATE UNIQUE INDEX IF NOT EXISTS resource_by_email ON resource (context_id, folded_email);

-- `entity` is the id of a user or of a group, 0 the group of everybody.
CREATE TABLE IF NOT EXISTS resource_permission (
    context_id INTEGER NOT NULL,
    resource_id INTEGER NOT NULL,
    is_group INTEGER NOT NULL,
    entity INTEGER NOT NULL,
    privilege TEXT NOT NULL,
    PRIMARY KEY (context_id, resource_id, is_group, entity),
    FOREIGN KEY (context_id, resource_id) REFERENCES resource ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_permission_by_entity ON resource_permission (context_id, is_group, entity);

CREATE TABLE IF NOT EXISTS server (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS maintenance_reason (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL
);

-- What a client asked for that takes its time on the platform; here it is done at once.
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY,
    context_id INTEGER NOT NULL REFERENCES context ON DELETE CASCADE,
    kind TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS job_by_context ON job (context_id, id);

CREATE TABLE IF NOT EXISTS secondary_account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    context_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    folded_address TEXT NOT NULL,
    content TEXT NOT NULL,
    FOREIGN KEY (context_id, user_id) REFERENCES user ON DELETE CASCADE
);
CREATE UNIQUE INDEX IF NOT EXISTS secondary_account_by_address ON secondary_account (context_id, user_id, folded_address);

-- Only a new file gets these: a client may take them away for good.
INSERT INTO filestore SELECT column1, 'file:///var/opt/filestore-' || column1, 10485760, 5000 FROM (VALUES (1), (2), (3))
    WHERE NOT EXISTS (SELECT 1 FROM counter WHERE name = 'job');
INSERT INTO database SELECT column1, 'oxdb-' || column1, 'jdbc:mysql://database-' || column1 || '/' FROM (VALUES (1), (2))
    WHERE NOT EXISTS (SELECT 1 FROM counter WHERE name = 'job');
INSERT INTO server SELECT 1, 'local' WHERE NOT EXISTS (SELECT 1 FROM counter WHERE name = 'job');
INSERT INTO maintenance_reason SELECT 42, 'Context disabled' WHERE NOT EXISTS (SELECT 1 FROM counter WHERE name = 'job');
INSERT OR IGNORE INTO counter VALUES ('job', 0);
