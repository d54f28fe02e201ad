-- +goose Up
-- Filled from exports alone: nothing is read, nothing goes out, and everything in it is past.
ALTER TABLE channel ADD COLUMN archive BOOLEAN NOT NULL DEFAULT FALSE;

-- Which exports were brought in, and how far. What a file is called is not kept: it may name a person.
CREATE TABLE archive_import (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    channel_id  TEXT NOT NULL,
    -- SHA-256 of what was read.
    digest      TEXT NOT NULL,
    format      TEXT NOT NULL,
    -- How many things have been brought in, of how many; it is whole once done_at is there.
    items       BIGINT NOT NULL DEFAULT 0,
    total       BIGINT NOT NULL,
    fresh       BIGINT NOT NULL DEFAULT 0,
    started_at  TIMESTAMP NOT NULL,
    done_at     TIMESTAMP
);
CREATE UNIQUE INDEX archive_import_digest ON archive_import (company_id, channel_id, digest);
