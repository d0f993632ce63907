CREATE TABLE IF NOT EXISTS packages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    application TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    release TEXT NOT NULL,
    meta TEXT NOT NULL,
    archive BLOB NOT NULL,
    imported TEXT NOT NULL,
    UNIQUE (application, version, release)
);
CREATE TABLE IF NOT EXISTS types (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    schema TEXT NOT NULL,
    application TEXT NOT NULL DEFAULT '',
    service TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS instances (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    package TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    oauth_key TEXT NOT NULL DEFAULT '',
    oauth_secret TEXT NOT NULL DEFAULT '',
    own_pem TEXT NOT NULL DEFAULT '',
    controller_pem TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS resources (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    modified TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT '',
    subscription TEXT NOT NULL DEFAULT '',
    instance TEXT NOT NULL DEFAULT '',
    service TEXT NOT NULL DEFAULT '',
    properties TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type);
CREATE INDEX IF NOT EXISTS resources_by_owner ON resources (owner);
CREATE INDEX IF NOT EXISTS resources_by_subscription ON resources (subscription);
CREATE TABLE IF NOT EXISTS links (
    source TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    relation TEXT NOT NULL,
    target TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    PRIMARY KEY (source, relation, target)
);
CREATE INDEX IF NOT EXISTS links_by_target ON links (target);
CREATE TABLE IF NOT EXISTS offers (
    subscription TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    resource TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    PRIMARY KEY (subscription, resource)
);
CREATE TABLE IF NOT EXISTS booked (
    subscription TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    counter TEXT NOT NULL,
    usage INTEGER NOT NULL,
    PRIMARY KEY (subscription, counter)
);
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    instance TEXT NOT NULL,
    title TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT 'null',
    identity TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    phase TEXT NOT NULL DEFAULT 'sync',
    info TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    calls INTEGER NOT NULL DEFAULT 0,
    misses INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    chain INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS tasks_by_state ON tasks (state, due);
CREATE INDEX IF NOT EXISTS tasks_by_chain ON tasks (chain, number);
CREATE TABLE IF NOT EXISTS event_subscriptions (
    id TEXT PRIMARY KEY,
    subscriber TEXT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    source_type TEXT NOT NULL DEFAULT '',
    source_id TEXT NOT NULL DEFAULT '',
    relation TEXT NOT NULL DEFAULT '',
    handler TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    handler TEXT NOT NULL,
    event TEXT NOT NULL,
    time TEXT NOT NULL,
    source_id TEXT NOT NULL,
    source_type TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    due REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, due);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sold (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    parameters TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS templates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    limits TEXT NOT NULL
);
