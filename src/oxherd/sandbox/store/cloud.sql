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

-- The names that restrictions may have; filled once, when the stand-in first starts.
CREATE TABLE IF NOT EXISTS restriction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

-- How many users of a context have which flags is asked whenever such a limit is set.
CREATE INDEX IF NOT EXISTS user_by_access ON user (context_id, access);

INSERT OR IGNORE INTO counter VALUES ('context', 0);
