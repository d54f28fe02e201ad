-- +goose Up
CREATE TABLE media (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    sha256      TEXT NOT NULL,
    mime        TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    name        TEXT NOT NULL,
    alt         TEXT NOT NULL DEFAULT '',
    created_by  TEXT NOT NULL DEFAULT '',
    created_at  TIMESTAMPTZ NOT NULL,
    deleted_at  TIMESTAMPTZ
);
CREATE INDEX media_company ON media (company_id, id);
CREATE INDEX media_sha256 ON media (sha256);
CREATE INDEX media_deleted ON media (deleted_at) WHERE deleted_at IS NOT NULL;
