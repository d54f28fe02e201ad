-- +goose Up
CREATE TABLE api_idempotency (
    company_id    TEXT NOT NULL REFERENCES company (id),
    token_id      TEXT NOT NULL,
    key           TEXT NOT NULL,
    request_hash  TEXT NOT NULL,
    claim         TEXT NOT NULL,
    claimed_until TIMESTAMPTZ NOT NULL,
    status        INTEGER NOT NULL DEFAULT 0,
    response      TEXT NOT NULL DEFAULT '',
    created_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (company_id, token_id, key)
);
CREATE INDEX api_idempotency_created ON api_idempotency (created_at);
