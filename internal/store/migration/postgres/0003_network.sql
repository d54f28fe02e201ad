-- +goose Up
CREATE TABLE channel (
    id               TEXT PRIMARY KEY,
    company_id       TEXT NOT NULL REFERENCES company (id),
    network          TEXT NOT NULL,
    server_url       TEXT NOT NULL,
    remote_id        TEXT NOT NULL,
    handle           TEXT NOT NULL,
    name             TEXT NOT NULL,
    named            BOOLEAN NOT NULL DEFAULT FALSE,
    url              TEXT NOT NULL,
    avatar_url       TEXT NOT NULL,
    locked           BOOLEAN NOT NULL DEFAULT FALSE,
    visibility       TEXT NOT NULL DEFAULT '',
    state            TEXT NOT NULL,
    connected_by     TEXT NOT NULL,
    connected_at     TIMESTAMPTZ NOT NULL,
    scopes           JSONB NOT NULL,
    expires_at       TIMESTAMPTZ,
    limits           JSONB NOT NULL,
    traits           JSONB NOT NULL,
    sample           BOOLEAN NOT NULL DEFAULT FALSE,
    -- Sealed for this row; empty when forgotten.
    credentials      TEXT NOT NULL DEFAULT '',
    -- How often a person connected it, and how often the server renewed what that gave.
    grant_no         INTEGER NOT NULL DEFAULT 0,
    renewal_no       INTEGER NOT NULL DEFAULT 0,
    read_to          TEXT NOT NULL DEFAULT '',
    backfill_done    BOOLEAN NOT NULL DEFAULT FALSE,
    items            BIGINT NOT NULL DEFAULT 0,
    news_at          TIMESTAMPTZ,
    refreshed_at     TIMESTAMPTZ,
    last_success     TIMESTAMPTZ,
    last_attempt     TIMESTAMPTZ,
    next_look        TIMESTAMPTZ,
    probed_at        TIMESTAMPTZ,
    problem_key      TEXT NOT NULL DEFAULT '',
    problem_args     JSONB NOT NULL,
    problem_verdict  TEXT NOT NULL DEFAULT '',
    problem_since    TIMESTAMPTZ,
    watch_generation INTEGER NOT NULL DEFAULT 0,
    watch_beat       TIMESTAMPTZ
);
-- Also one that is gone keeps its place: connecting the account again revives it.
CREATE UNIQUE INDEX channel_account ON channel (company_id, network, server_url, remote_id);
CREATE INDEX channel_state ON channel (state, watch_beat);

-- What was received, so that nothing is received twice. watched marks what was recent when it came and is read again
-- to notice edits and deletions.
CREATE TABLE seen (
    company_id    TEXT NOT NULL,
    channel_id    TEXT COLLATE "C" NOT NULL,
    remote_id     TEXT COLLATE "C" NOT NULL,
    version       TEXT NOT NULL,
    deleted       BOOLEAN NOT NULL DEFAULT FALSE,
    watched       BOOLEAN NOT NULL DEFAULT FALSE,
    revision      INTEGER NOT NULL DEFAULT 1,
    at            TIMESTAMPTZ NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (channel_id, remote_id)
);
CREATE INDEX seen_watched ON seen (channel_id, at) WHERE watched;

-- Ponte as an application on a server, for one address that browsers come back to.
CREATE TABLE network_app (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    network      TEXT NOT NULL,
    server_url   TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    secret       TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX network_app_server ON network_app (company_id, network, server_url, redirect_uri);

-- Members on their way to a server to say yes, and back.
CREATE TABLE joining (
    state_hash   TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    member_id    TEXT NOT NULL,
    network      TEXT NOT NULL,
    server       JSONB NOT NULL,
    app_id       TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    verifier     TEXT NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX joining_expires ON joining (expires_at);
CREATE INDEX joining_member ON joining (company_id, member_id);
