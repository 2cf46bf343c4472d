-- What is known of each composition. Times are microseconds since 1970; a folder is bytes, since not
-- every path is text.
CREATE TABLE compositions (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    file TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    working_directory BLOB NOT NULL,
    name TEXT,
    tags TEXT NOT NULL,
    draft INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    preview TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    file_size INTEGER,
    file_modified INTEGER
) STRICT;
CREATE INDEX compositions_created_at ON compositions (created_at, id);
-- The last two make the statistics an affair of this index alone.
CREATE INDEX compositions_working_directory
    ON compositions (working_directory, created_at, bytes, draft);

CREATE TABLE tags (
    tag TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (tag, row)
) STRICT, WITHOUT ROWID;

-- The texts, by themselves: a list need not page through them.
CREATE TABLE bodies (
    row INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    details TEXT NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
