-- +goose Up
-- The portrait of a company's own voice, and how far the work on it is. It holds counts and places, and no words.
CREATE TABLE presence (
    company_id TEXT PRIMARY KEY REFERENCES company (id),
    -- When something last came in.
    news_at    TIMESTAMPTZ,
    -- How many were erased since the last portrait: another is drawn.
    anew       INTEGER NOT NULL DEFAULT 0,
    work       TEXT NOT NULL DEFAULT '',
    read       INTEGER NOT NULL DEFAULT 0,
    asked_at   TIMESTAMPTZ,
    drawn_at   TIMESTAMPTZ,
    trouble    TEXT NOT NULL DEFAULT '',
    version    INTEGER NOT NULL DEFAULT 0,
    -- Empty: there is none.
    portrait   TEXT NOT NULL DEFAULT ''
);
