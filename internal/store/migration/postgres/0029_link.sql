-- +goose Up
-- Tracked links on the company's own address. Links share their codes with those of other companies in the house.
CREATE TABLE link (
    id         TEXT PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES company (id),
    -- Stands in visits and sums for the link: shorter than its id.
    mark       BIGINT NOT NULL,
    code       TEXT NOT NULL,
    title      TEXT NOT NULL,
    -- Without the parameters that say where a visit came from: these follow.
    target     TEXT NOT NULL,
    campaign   TEXT NOT NULL DEFAULT '',
    -- Where it is used: the name of a network, or print, radio, window, parcel and what the company calls its own.
    channel    TEXT NOT NULL DEFAULT '',
    source     TEXT NOT NULL DEFAULT '',
    medium     TEXT NOT NULL DEFAULT '',
    term       TEXT NOT NULL DEFAULT '',
    content    TEXT NOT NULL DEFAULT '',
    tags       JSONB NOT NULL DEFAULT '[]',
    -- Other targets by device and by language.
    devices    JSONB NOT NULL DEFAULT '{}',
    languages  JSONB NOT NULL DEFAULT '{}',
    -- What one searches in, folded.
    find       TEXT NOT NULL,
    -- A hash; empty: it asks for none.
    password   TEXT NOT NULL DEFAULT '',
    expires_at TIMESTAMPTZ,
    state      TEXT NOT NULL,
    -- The post it was made for; empty: none.
    post_id    TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    -- How its target does: when it was looked at, why it does not answer, and since when.
    checked_at TIMESTAMPTZ,
    trouble    TEXT NOT NULL DEFAULT '',
    dead_since TIMESTAMPTZ
);
CREATE UNIQUE INDEX link_code ON link (code);
CREATE UNIQUE INDEX link_mark ON link (mark);
CREATE INDEX link_company ON link (company_id, created_at, id);
CREATE INDEX link_checked ON link (checked_at) WHERE state = 'active';
CREATE INDEX link_post ON link (company_id, post_id) WHERE post_id <> '';

-- What a link led to before.
CREATE TABLE link_past (
    link_id    TEXT NOT NULL REFERENCES link (id),
    company_id TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    member_id  TEXT NOT NULL,
    target     TEXT NOT NULL,
    PRIMARY KEY (link_id, at)
);
CREATE INDEX link_past_company ON link_past (company_id);

-- Openings of links. The id begins with the moment, so it is in their order. The visitor is a hash with a salt that is only in memory and
-- thrown away at midnight; zero: they asked not to be followed.
CREATE TABLE link_visit (
    id         BIGINT PRIMARY KEY,
    company_id TEXT NOT NULL,
    mark       BIGINT NOT NULL,
    kind       INTEGER NOT NULL,
    why        INTEGER NOT NULL,
    visitor    BIGINT NOT NULL,
    -- The visitor's first of that day through this link.
    first      BOOLEAN NOT NULL,
    device     INTEGER NOT NULL,
    language   TEXT NOT NULL,
    referrer   TEXT NOT NULL
);
CREATE INDEX link_visit_mark ON link_visit (mark, id);

-- Sums of visits, kept as they come: of a link by day, referrer and device, of a company by day, channel and campaign.
-- A day is written as 20260302 and is the company's own.
CREATE TABLE link_day (
    mark       BIGINT NOT NULL,
    day        INTEGER NOT NULL,
    referrer   TEXT NOT NULL,
    device     INTEGER NOT NULL,
    company_id TEXT NOT NULL,
    visits     BIGINT NOT NULL,
    visitors   BIGINT NOT NULL,
    bots       BIGINT NOT NULL,
    previews   BIGINT NOT NULL,
    PRIMARY KEY (mark, day, referrer, device)
);
CREATE INDEX link_day_company ON link_day (company_id);

CREATE TABLE link_tally (
    company_id TEXT NOT NULL,
    day        INTEGER NOT NULL,
    channel    TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    visits     BIGINT NOT NULL,
    visitors   BIGINT NOT NULL,
    bots       BIGINT NOT NULL,
    previews   BIGINT NOT NULL,
    PRIMARY KEY (company_id, day, channel, campaign)
);

-- What a company decides about its links.
CREATE TABLE link_setting (
    company_id TEXT PRIMARY KEY REFERENCES company (id),
    -- An address of the company's own that leads to this house; empty: that of the house.
    domain     TEXT NOT NULL DEFAULT '',
    -- For how many days single visits are kept; the sums stay.
    keep_days  INTEGER NOT NULL,
    -- For the middle of QR codes, as PNG.
    logo       BYTEA
);
