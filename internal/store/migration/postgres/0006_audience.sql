-- +goose Up
CREATE TABLE person (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    name        TEXT NOT NULL,
    folded      TEXT COLLATE "C" NOT NULL,
    named_by    TEXT NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX person_company ON person (company_id, seen_at, id);
CREATE INDEX person_folded ON person (company_id, folded);

CREATE TABLE identity (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    person_id   TEXT NOT NULL REFERENCES person (id),
    network     TEXT NOT NULL,
    key         TEXT NOT NULL,
    remote_id   TEXT NOT NULL,
    handle      TEXT NOT NULL,
    folded      TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,
    url         TEXT NOT NULL,
    avatar_url  TEXT NOT NULL,
    bot         BOOLEAN NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX identity_key ON identity (company_id, network, key);
CREATE INDEX identity_person ON identity (person_id);
CREATE INDEX identity_folded ON identity (company_id, folded);

CREATE TABLE person_note (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    person_id   TEXT NOT NULL REFERENCES person (id),
    member_id   TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX person_note_person ON person_note (person_id, at);

CREATE TABLE person_merge (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    kept_id     TEXT NOT NULL,
    gone_id     TEXT NOT NULL,
    gone_name   TEXT NOT NULL,
    identities  JSONB NOT NULL,
    notes       JSONB NOT NULL,
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    undone_at   TIMESTAMPTZ
);
CREATE INDEX person_merge_kept ON person_merge (company_id, kept_id);
