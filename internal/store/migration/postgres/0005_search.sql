-- +goose Up
CREATE TABLE search_doc (
    company_id  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    ref         TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    body        TSVECTOR NOT NULL,
    PRIMARY KEY (company_id, kind, ref)
);
CREATE INDEX search_doc_body ON search_doc USING gin (body);
CREATE INDEX search_doc_at ON search_doc (company_id, kind, at DESC);
