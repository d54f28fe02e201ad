-- +goose Up
-- What a company wants of its ties, what makes its marks unlike those of any other, and how far the work on them is.
CREATE TABLE reach_setting (
    company_id TEXT PRIMARY KEY REFERENCES company (id),
    salt       TEXT NOT NULL,
    -- Whether lists that networks show to everybody are read.
    collect    BOOLEAN NOT NULL DEFAULT TRUE,
    -- How many of a hundred weak ties are held back from advice.
    hold       INTEGER NOT NULL DEFAULT 20,
    -- The last interaction from before this was built that was gone through; 'done' when all were.
    past_to    TEXT NOT NULL DEFAULT '',
    -- Since when something was taken in that no portrait shows yet.
    news_at    TIMESTAMPTZ,
    -- How many were erased since the last portrait: what was frozen is worked out anew.
    anew       INTEGER NOT NULL DEFAULT 0,
    work       TEXT NOT NULL DEFAULT '',
    done       INTEGER NOT NULL DEFAULT 0,
    asked_at   TIMESTAMPTZ,
    drawn_at   TIMESTAMPTZ,
    trouble    TEXT NOT NULL DEFAULT ''
);

-- What came in and was not yet gone through.
CREATE TABLE reach_inbound (
    company_id     TEXT NOT NULL,
    interaction_id TEXT NOT NULL,
    PRIMARY KEY (company_id, interaction_id)
);

-- Accounts round a company. Of one that nobody in the house knows there is a keyed hash and no more.
CREATE TABLE reach_actor (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    network     TEXT NOT NULL,
    mark        TEXT NOT NULL,
    -- The account in the room audience; empty when nobody knows them.
    identity_id TEXT NOT NULL DEFAULT '',
    -- The channel that sees them, for reading their lists.
    channel_id  TEXT NOT NULL DEFAULT '',
    followers   INTEGER NOT NULL DEFAULT 0,
    seen_at     TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX reach_actor_mark ON reach_actor (company_id, network, mark);
CREATE INDEX reach_actor_identity ON reach_actor (company_id, identity_id) WHERE identity_id <> '';

-- Who did what towards whom; an empty actor or target is the company.
CREATE TABLE reach_event (
    company_id TEXT NOT NULL,
    -- The interaction, or the list, that it was learned from.
    source_id  TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    actor_id   TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    network    TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    -- The post of ours that it is about, by its remote id; empty when it is about none.
    item       TEXT NOT NULL DEFAULT '',
    -- Null: it is not known when; it was learned at seen_at.
    at         TIMESTAMPTZ,
    seen_at    TIMESTAMPTZ NOT NULL,
    words      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (company_id, source_id, seq)
);
CREATE INDEX reach_event_actor ON reach_event (company_id, actor_id);
CREATE INDEX reach_event_target ON reach_event (company_id, target_id);

-- Who follows whom, as lists show that networks show to everybody; an empty one is the company.
CREATE TABLE reach_follow (
    company_id TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    first_at   TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (company_id, actor_id, target_id)
);
CREATE INDEX reach_follow_target ON reach_follow (company_id, target_id);
CREATE INDEX reach_follow_seen ON reach_follow (company_id, seen_at);

-- How far lists were read.
CREATE TABLE reach_list (
    company_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    -- An actor, a post's remote id, or empty for the channel itself.
    subject    TEXT NOT NULL,
    cursor     TEXT NOT NULL DEFAULT '',
    pages      INTEGER NOT NULL DEFAULT 0,
    -- When it was last read to the end; null: never.
    read_at    TIMESTAMPTZ,
    next_at    TIMESTAMPTZ NOT NULL,
    hidden     BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (company_id, channel_id, kind, subject)
);
CREATE INDEX reach_list_next ON reach_list (company_id, channel_id, next_at);

-- How many pages were read on a channel in an hour.
CREATE TABLE reach_pace (
    company_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    hour_at    TIMESTAMPTZ NOT NULL,
    pages      INTEGER NOT NULL,
    PRIMARY KEY (company_id, channel_id)
);

-- Posts of ours, with when the ties were frozen.
CREATE TABLE reach_post (
    company_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    remote_id  TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    -- Null: the ties were not frozen yet.
    frozen_at  TIMESTAMPTZ,
    -- What came of it is counted until then, and not any more.
    closed     BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (company_id, channel_id, remote_id)
);
CREATE INDEX reach_post_at ON reach_post (company_id, at);

-- The classes of ties as they were when a post went out.
CREATE TABLE reach_class (
    company_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    remote_id  TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    class      INTEGER NOT NULL,
    PRIMARY KEY (company_id, channel_id, remote_id, actor_id)
);
CREATE INDEX reach_class_actor ON reach_class (company_id, actor_id);

-- Who carried a post further, and who came through whom.
CREATE TABLE reach_credit (
    company_id  TEXT NOT NULL,
    channel_id  TEXT NOT NULL,
    remote_id   TEXT NOT NULL,
    kind        TEXT NOT NULL,
    -- Who shared it, or who came.
    actor_id    TEXT NOT NULL,
    -- Through whom; empty when that is not known. Of a share the one who shared.
    carrier_id  TEXT NOT NULL,
    class       INTEGER NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (company_id, channel_id, remote_id, kind, actor_id)
);
CREATE INDEX reach_credit_carrier ON reach_credit (company_id, carrier_id);

-- Whom to involve: what was expected of it, and what came.
CREATE TABLE reach_suggestion (
    id         TEXT PRIMARY KEY,
    company_id TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    rank       INTEGER NOT NULL,
    state      TEXT NOT NULL,
    class      INTEGER NOT NULL,
    low        DOUBLE PRECISION NOT NULL,
    expected   DOUBLE PRECISION NOT NULL,
    high       DOUBLE PRECISION,
    at         TIMESTAMPTZ NOT NULL,
    until_at   TIMESTAMPTZ NOT NULL,
    why        JSONB NOT NULL DEFAULT '{}',
    done_at    TIMESTAMPTZ,
    done_by    TEXT NOT NULL DEFAULT '',
    reply_id   TEXT NOT NULL DEFAULT '',
    reached    INTEGER NOT NULL DEFAULT 0,
    measured   BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX reach_suggestion_at ON reach_suggestion (company_id, at, id);
CREATE INDEX reach_suggestion_actor ON reach_suggestion (company_id, actor_id);
CREATE INDEX reach_suggestion_open ON reach_suggestion (company_id, until_at) WHERE NOT measured;

-- Portraits that were kept.
CREATE TABLE reach_snapshot (
    id         TEXT PRIMARY KEY,
    company_id TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    version    INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    known      INTEGER NOT NULL,
    events     INTEGER NOT NULL,
    portrait   JSONB NOT NULL
);
CREATE INDEX reach_snapshot_at ON reach_snapshot (company_id, at);
