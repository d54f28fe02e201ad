-- +goose Up
-- That somebody was erased: how much, when and by whom; never who it was.
CREATE TABLE erasure (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    number      INTEGER NOT NULL,
    state       TEXT NOT NULL,
    -- Nobody asked: they had not written for long.
    aged        BOOLEAN NOT NULL,
    -- Who is being erased, and how far that is; empty once it is done.
    person_id   TEXT NOT NULL,
    progress    TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    via         TEXT NOT NULL,
    reference   TEXT NOT NULL,
    people      INTEGER NOT NULL,
    erased      TEXT NOT NULL,
    stays       TEXT NOT NULL,
    asked_at    TIMESTAMP NOT NULL,
    done_at     TIMESTAMP,
    -- When the database's file was rewritten, so that nothing is left between its rows either.
    cleaned_at  TIMESTAMP,
    -- When something of theirs was last not taken in.
    refused_at  TIMESTAMP,
    allowed_at  TIMESTAMP,
    allowed_by  TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX erasure_number ON erasure (company_id, number);
CREATE INDEX erasure_person ON erasure (company_id, person_id) WHERE person_id <> '';

-- What is not taken in again: accounts and items of people who were erased, as salted hashes.
CREATE TABLE erased_mark (
    company_id  TEXT NOT NULL,
    hash        TEXT NOT NULL,
    erasure_id  TEXT NOT NULL REFERENCES erasure (id),
    PRIMARY KEY (company_id, hash)
) WITHOUT ROWID;
CREATE INDEX erased_mark_erasure ON erased_mark (erasure_id);

-- How long a company remembers people who do not write any more, and the salt of its marks.
CREATE TABLE forgetting (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    months      INTEGER NOT NULL,
    begins_at   TIMESTAMP NOT NULL,
    salt        TEXT NOT NULL
);

ALTER TABLE person_note ADD COLUMN keep BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX person_note_keep ON person_note (company_id, person_id) WHERE keep;

-- What hangs on a thread's first item, so that it can be found when that is erased.
CREATE INDEX interaction_root ON interaction (channel_id, root_id) WHERE root_id <> '';

-- What is taken out of the search index is taken out of its pages too.
INSERT INTO search_doc (search_doc, rank) VALUES ('secure-delete', 1);
-- What was taken out before goes now.
INSERT INTO search_doc (search_doc) VALUES ('optimize');
