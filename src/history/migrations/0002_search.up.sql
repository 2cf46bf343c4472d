-- The words of the texts are indexed in parts: the table words_PART holds those of the rows from
-- first on, up to the next part. The seal is the checksum of that table, null since it changed.
CREATE TABLE parts (
    part INTEGER PRIMARY KEY,
    first INTEGER NOT NULL UNIQUE,
    seal BLOB
) STRICT;
