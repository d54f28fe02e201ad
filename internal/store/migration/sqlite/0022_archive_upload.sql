-- +goose Up
-- Exports that members give through a door, from the first byte until everything is in. What the file is called and who is in it is kept
-- only until then.
CREATE TABLE archive_upload (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    member_id   TEXT NOT NULL,
    name        TEXT NOT NULL,
    size        BIGINT NOT NULL,
    received    BIGINT NOT NULL DEFAULT 0,
    state       TEXT NOT NULL,
    -- What the member said: who of those in it is the company, where a table comes from, which column is which.
    said        TEXT NOT NULL,
    -- What was found, what must be asked, and what went wrong.
    found       TEXT,
    question    TEXT,
    problem     TEXT,
    channel_id  TEXT NOT NULL DEFAULT '',
    -- The row of archive_import, once something comes in.
    import_id   TEXT NOT NULL DEFAULT '',
    done        BIGINT NOT NULL DEFAULT 0,
    fresh       BIGINT NOT NULL DEFAULT 0,
    changed     BIGINT NOT NULL DEFAULT 0,
    known       BIGINT NOT NULL DEFAULT 0,
    started_at  TIMESTAMP NOT NULL,
    touched_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP
);
CREATE INDEX archive_upload_company ON archive_upload (company_id, id);

-- Criticism that arrived as past.
CREATE INDEX conversation_before ON conversation (company_id, last_at, id) WHERE criticism AND state = 'done';
