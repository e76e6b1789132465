CREATE TABLE hub_repository (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    org TEXT NOT NULL,
    name TEXT NOT NULL,
    visibility TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (kind, name)
);
CREATE INDEX hub_repository_recent ON hub_repository (kind, updated_at, id);
CREATE TABLE hub_branch (
    repository TEXT NOT NULL,
    name TEXT NOT NULL,
    oid TEXT NOT NULL,
    PRIMARY KEY (repository, name)
);
CREATE TABLE hub_commit (
    repository TEXT NOT NULL,
    oid TEXT NOT NULL,
    parent TEXT,
    tree TEXT NOT NULL,
    number BIGINT NOT NULL,
    message TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    idempotency TEXT NOT NULL,
    PRIMARY KEY (repository, oid),
    UNIQUE (repository, number),
    UNIQUE (repository, idempotency)
);
CREATE TABLE hub_entry (
    tree TEXT NOT NULL,
    path TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    oid TEXT NOT NULL,
    large BIGINT NOT NULL,
    PRIMARY KEY (tree, path)
)
