-- +goose Up
-- What the hub of a channel's feed does for us, and when the feed was last read.
ALTER TABLE channel ADD COLUMN hub TEXT NOT NULL DEFAULT '{}';
ALTER TABLE channel ADD COLUMN polled_at TIMESTAMP;

-- Hubs that were asked to say at once when something new stands in a feed (WebSub).
CREATE TABLE channel_hub (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    channel_id   TEXT NOT NULL REFERENCES channel (id),
    hub          TEXT NOT NULL,
    topic        TEXT NOT NULL,
    -- Under which address of the house the hub calls, and by what in it it is known. Both secrets are sealed.
    base         TEXT NOT NULL,
    token_hash   TEXT NOT NULL,
    secret       TEXT NOT NULL,
    -- It is no longer wanted, and is to be told so.
    leaving      BOOLEAN NOT NULL DEFAULT FALSE,
    asked_at     TIMESTAMP,
    confirmed_at TIMESTAMP,
    until_at     TIMESTAMP,
    next_at      TIMESTAMP NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX channel_hub_token ON channel_hub (token_hash);
CREATE INDEX channel_hub_channel ON channel_hub (channel_id);
CREATE INDEX channel_hub_company ON channel_hub (company_id);
CREATE INDEX channel_hub_next ON channel_hub (next_at);
