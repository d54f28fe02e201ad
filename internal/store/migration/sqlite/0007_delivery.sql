-- +goose Up
CREATE TABLE delivery (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    channel_id   TEXT NOT NULL,
    source_kind  TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    state        TEXT NOT NULL,
    message      TEXT NOT NULL,
    not_before   TIMESTAMP NOT NULL,
    planned_at   TIMESTAMP NOT NULL,
    planned_by   TEXT NOT NULL,
    prepared_at  TIMESTAMP,
    tried_at     TIMESTAMP,
    attempts     INTEGER NOT NULL DEFAULT 0,
    lease        TEXT NOT NULL DEFAULT '',
    leased_until TIMESTAMP,
    look_at      TIMESTAMP,
    absences     INTEGER NOT NULL DEFAULT 0,
    doubt        BOOLEAN NOT NULL DEFAULT FALSE,
    problem      TEXT,
    remote_id    TEXT NOT NULL DEFAULT '',
    url          TEXT NOT NULL DEFAULT '',
    version      TEXT NOT NULL DEFAULT '',
    settled_at   TIMESTAMP
);
CREATE UNIQUE INDEX delivery_source ON delivery (company_id, source_kind, source_id, channel_id);
CREATE INDEX delivery_due ON delivery (state, look_at);
CREATE INDEX delivery_company ON delivery (company_id, id);
