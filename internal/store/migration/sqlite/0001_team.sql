-- +goose Up
-- The one table without a company: it is the company.
CREATE TABLE company (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    zone        TEXT NOT NULL,
    locale      TEXT NOT NULL,
    sample      BOOLEAN NOT NULL DEFAULT FALSE,
    settings    TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL
);

CREATE TABLE member (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    email       TEXT NOT NULL,
    name        TEXT NOT NULL,
    job         TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL,
    state       TEXT NOT NULL,
    locale      TEXT NOT NULL DEFAULT '',
    settings    TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    left_at     TIMESTAMP
);
-- An e-mail address signs in to one place; someone who left may be invited again.
CREATE UNIQUE INDEX member_email ON member (email) WHERE state = 'active';
CREATE INDEX member_company ON member (company_id, state);

CREATE TABLE invitation (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    email       TEXT NOT NULL,
    name        TEXT NOT NULL DEFAULT '',
    role        TEXT NOT NULL,
    token_hash  TEXT NOT NULL,
    -- The letter carries a token of its own, made when it is sent, so that no token waits in the queue.
    letter_hash TEXT,
    invited_by  TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    accepted_at TIMESTAMP,
    revoked_at  TIMESTAMP,
    member_id   TEXT
);
CREATE UNIQUE INDEX invitation_token ON invitation (token_hash);
CREATE UNIQUE INDEX invitation_letter ON invitation (letter_hash);
CREATE INDEX invitation_company ON invitation (company_id, created_at);

CREATE TABLE audit (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    at          TIMESTAMP NOT NULL,
    member_id   TEXT NOT NULL DEFAULT '',
    via         TEXT NOT NULL,
    verb        TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    detail      TEXT NOT NULL,
    request_id  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_company ON audit (company_id, id);
CREATE INDEX audit_object ON audit (company_id, object_kind, object_id);
