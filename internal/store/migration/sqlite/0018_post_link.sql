-- +goose Up
-- What was learned of the links in posts: whether they answer, and what their pages say about themselves.
CREATE TABLE post_link (
    company_id  TEXT NOT NULL REFERENCES company (id),
    address     TEXT NOT NULL,
    asked_at    TIMESTAMP NOT NULL,
    -- Empty until the first answer, and after which the rest holds.
    read_at     TIMESTAMP,
    -- Why it does not answer; empty when it does.
    trouble     TEXT NOT NULL DEFAULT '',
    title       TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    -- Of its picture in the media; empty without.
    media_id    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, address)
) WITHOUT ROWID;
CREATE INDEX post_link_asked ON post_link (asked_at);
