-- +goose Up
-- A password as an argon2id hash with its own parameters.
CREATE TABLE password (
    member_id   TEXT PRIMARY KEY REFERENCES member (id),
    company_id  TEXT NOT NULL REFERENCES company (id),
    hash        TEXT NOT NULL,
    changed_at  TIMESTAMP NOT NULL
);
CREATE INDEX password_company ON password (company_id);

-- The second factor: a sealed TOTP secret, and the last time step that was used, so that a code works once.
CREATE TABLE second_factor (
    member_id    TEXT PRIMARY KEY REFERENCES member (id),
    company_id   TEXT NOT NULL REFERENCES company (id),
    secret       TEXT NOT NULL,
    last_step    BIGINT NOT NULL DEFAULT 0,
    created_at   TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP
);
CREATE INDEX second_factor_company ON second_factor (company_id);

CREATE TABLE recovery_code (
    member_id   TEXT NOT NULL REFERENCES member (id),
    hash        TEXT NOT NULL,
    company_id  TEXT NOT NULL REFERENCES company (id),
    used_at     TIMESTAMP,
    PRIMARY KEY (member_id, hash)
);
CREATE INDEX recovery_code_company ON recovery_code (company_id);

CREATE TABLE session (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    member_id   TEXT NOT NULL REFERENCES member (id),
    token_hash  TEXT NOT NULL,
    visiting    TEXT REFERENCES company (id),
    agent       TEXT NOT NULL,
    address     TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    seen_at     TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX session_token ON session (token_hash);
CREATE INDEX session_member ON session (company_id, member_id);
CREATE INDEX session_visiting ON session (visiting) WHERE visiting IS NOT NULL;

CREATE TABLE api_token (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    member_id   TEXT NOT NULL REFERENCES member (id),
    name        TEXT NOT NULL,
    token_hash  TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    expires_at  TIMESTAMP NOT NULL,
    used_at     TIMESTAMP,
    revoked_at  TIMESTAMP
);
CREATE UNIQUE INDEX api_token_token ON api_token (token_hash);
CREATE INDEX api_token_member ON api_token (company_id, member_id);

-- One-time links to set a password.
CREATE TABLE password_link (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    member_id     TEXT NOT NULL REFERENCES member (id),
    token_hash    TEXT NOT NULL,
    drop_factor   BOOLEAN NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    expires_at    TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX password_link_token ON password_link (token_hash);
CREATE INDEX password_link_member ON password_link (company_id, member_id);

-- Between the right password and the second factor.
CREATE TABLE signin_ticket (
    token_hash  TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    member_id   TEXT NOT NULL REFERENCES member (id),
    expires_at  TIMESTAMP NOT NULL
);
CREATE INDEX signin_ticket_member ON signin_ticket (company_id, member_id);

-- Where a member has signed in from: attacks on the member from elsewhere do not lock these out.
CREATE TABLE known_address (
    member_id    TEXT NOT NULL REFERENCES member (id),
    address_hash TEXT NOT NULL,
    company_id   TEXT NOT NULL REFERENCES company (id),
    seen_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (member_id, address_hash)
);
CREATE INDEX known_address_company ON known_address (company_id);

-- Failed tries at the door. Without a company: who stands outside belongs to none yet.
CREATE TABLE signin_attempt (
    id          TEXT PRIMARY KEY,
    failures    INTEGER NOT NULL,
    last_at     TIMESTAMP NOT NULL,
    until       TIMESTAMP
);

-- Hashes of the one-time addresses of the first run. Without a company: there is none yet.
CREATE TABLE setup (
    id          TEXT PRIMARY KEY,
    token_hash  TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL
);
