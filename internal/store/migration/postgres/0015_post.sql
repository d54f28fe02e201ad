-- +goose Up
CREATE TABLE post (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    state        TEXT NOT NULL,
    -- The message as written, with light marks; version grows with each save.
    message      JSONB NOT NULL,
    preview      TEXT NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1,
    created_by   TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    saved_by     TEXT NOT NULL,
    saved_at     TIMESTAMPTZ NOT NULL,
    -- The exact bytes that were asked about or planned, and what the company wants said about them.
    hash         TEXT NOT NULL DEFAULT '',
    round        INTEGER NOT NULL DEFAULT 0,
    wanted       JSONB NOT NULL DEFAULT '{}',
    asked_by     TEXT NOT NULL DEFAULT '',
    asked_at     TIMESTAMPTZ,
    back         TEXT NOT NULL DEFAULT '',
    -- When it goes out: the clock on the company's wall, and the moment that it is.
    timing       JSONB NOT NULL DEFAULT '{}',
    zone         TEXT NOT NULL DEFAULT '',
    due_at       TIMESTAMPTZ,
    -- Where it stands in lists: when it goes or went out, else when it was last saved.
    at           TIMESTAMPTZ NOT NULL,
    trouble      BOOLEAN NOT NULL DEFAULT FALSE,
    sent_at      TIMESTAMPTZ,
    series_id    TEXT NOT NULL DEFAULT '',
    occurrence   INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX post_at ON post (company_id, at, id);
CREATE INDEX post_state ON post (company_id, state, at, id);
CREATE INDEX post_trouble ON post (company_id, at, id) WHERE trouble;
CREATE INDEX post_occurrence ON post (series_id, occurrence) WHERE series_id <> '';
-- What should have gone out and has not been said yes to.
CREATE INDEX post_wish ON post (company_id, due_at) WHERE state IN ('draft', 'pending', 'approved') AND due_at IS NOT NULL;
-- What waits for a time that was reckoned in a zone.
CREATE INDEX post_zone ON post (company_id, zone, id) WHERE state IN ('draft', 'pending', 'approved', 'planned') AND due_at IS NOT NULL;

CREATE TABLE post_variant (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    channel_id  TEXT NOT NULL,
    -- Written by hand for this channel; empty when it follows the message.
    own         JSONB,
    state       TEXT NOT NULL,
    why         TEXT NOT NULL DEFAULT '',
    -- What goes out, frozen when it was asked about or planned.
    frozen      JSONB,
    due_at      TIMESTAMPTZ,
    released_at TIMESTAMPTZ,
    sent_at     TIMESTAMPTZ,
    -- Since when nobody knows whether something of it arrived.
    doubt_at    TIMESTAMPTZ
);
CREATE UNIQUE INDEX post_variant_post ON post_variant (post_id, channel_id);
CREATE INDEX post_variant_due ON post_variant (due_at) WHERE state = 'planned';
CREATE INDEX post_variant_lane ON post_variant (channel_id, state, due_at, post_id) WHERE state IN ('queued', 'sending');
CREATE INDEX post_variant_slot ON post_variant (channel_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX post_variant_company ON post_variant (company_id, state, id);

-- One message on a network: a part of a thread, or the first comment.
CREATE TABLE post_part (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    variant_id  TEXT NOT NULL REFERENCES post_variant (id),
    channel_id  TEXT NOT NULL,
    number      INTEGER NOT NULL,
    comment     BOOLEAN NOT NULL DEFAULT FALSE,
    content     JSONB NOT NULL,
    state       TEXT NOT NULL,
    delivery_id TEXT NOT NULL DEFAULT '',
    remote_id   TEXT NOT NULL DEFAULT '',
    url         TEXT NOT NULL DEFAULT '',
    version     TEXT NOT NULL DEFAULT '',
    trouble     JSONB,
    -- What its files are called on the network.
    files       JSONB NOT NULL DEFAULT '[]',
    sent_at     TIMESTAMPTZ,
    edited_at   TIMESTAMPTZ,
    gone_at     TIMESTAMPTZ
);
CREATE UNIQUE INDEX post_part_number ON post_part (variant_id, number);
CREATE INDEX post_part_post ON post_part (post_id, variant_id, number);
CREATE INDEX post_part_remote ON post_part (channel_id, remote_id) WHERE remote_id <> '';
CREATE INDEX post_part_company ON post_part (company_id, id);

-- Earlier states of a message, and what a stale save brought.
CREATE TABLE post_past (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    version     INTEGER NOT NULL,
    -- A save that came too late: kept aside, never lost.
    aside       BOOLEAN NOT NULL DEFAULT FALSE,
    content     JSONB NOT NULL,
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX post_past_post ON post_past (post_id, id);
CREATE INDEX post_past_company ON post_past (company_id, id);

CREATE TABLE post_presence (
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    until       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (post_id, member_id)
);
CREATE INDEX post_presence_until ON post_presence (until);

-- Whom a post is shared with who may not see all posts, and whose yes was asked by name.
CREATE TABLE post_share (
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    member_id   TEXT NOT NULL,
    asked       BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (post_id, member_id)
);
CREATE INDEX post_share_member ON post_share (company_id, member_id, post_id);

CREATE TABLE post_comment (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    member_id   TEXT NOT NULL,
    guest       TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX post_comment_post ON post_comment (post_id, id);
CREATE INDEX post_comment_company ON post_comment (company_id, id);

-- Who said that something which looked like it should not go out may go out.
CREATE TABLE post_confirmation (
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    mark        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    shown       TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (post_id, mark)
);
CREATE INDEX post_confirmation_company ON post_confirmation (company_id, post_id);

-- Every decision, over which exact bytes.
CREATE TABLE post_decision (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    correction_id TEXT NOT NULL DEFAULT '',
    round       INTEGER NOT NULL,
    hash        TEXT NOT NULL,
    yes         BOOLEAN NOT NULL,
    member_id   TEXT NOT NULL,
    role        TEXT NOT NULL,
    guest_id    TEXT NOT NULL DEFAULT '',
    guest       TEXT NOT NULL DEFAULT '',
    counts      BOOLEAN NOT NULL,
    words       TEXT NOT NULL DEFAULT '',
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX post_decision_post ON post_decision (post_id, id);
CREATE INDEX post_decision_company ON post_decision (company_id, id);

CREATE TABLE post_guest (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL,
    post_id      TEXT NOT NULL REFERENCES post (id),
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL,
    invited_by   TEXT NOT NULL,
    invited_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    seen_at      TIMESTAMPTZ,
    used_at      TIMESTAMPTZ,
    withdrawn_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX post_guest_token ON post_guest (token_hash) WHERE token_hash <> '';
CREATE INDEX post_guest_post ON post_guest (post_id, id);
CREATE INDEX post_guest_company ON post_guest (company_id, id);

-- Templates, signatures and sets of tags.
CREATE TABLE post_snippet (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    content     JSONB NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX post_snippet_name ON post_snippet (company_id, kind, name);

CREATE TABLE post_setting (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    settings    JSONB NOT NULL,
    paused_at   TIMESTAMPTZ,
    paused_by   TEXT NOT NULL DEFAULT '',
    paused_why  TEXT NOT NULL DEFAULT ''
);

-- A post that comes again by a rule with an end; each occurrence is a post of its own.
CREATE TABLE post_series (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    post_id     TEXT NOT NULL,
    rule        JSONB NOT NULL,
    start       JSONB NOT NULL,
    content     JSONB NOT NULL,
    made        INTEGER NOT NULL DEFAULT 0,
    ended       BOOLEAN NOT NULL DEFAULT FALSE,
    created_by  TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    look_at     TIMESTAMPTZ
);
CREATE INDEX post_series_look ON post_series (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX post_series_company ON post_series (company_id, id);

-- What was wanted of messages that stand: other words, or that they go.
CREATE TABLE post_correction (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    content     JSONB NOT NULL,
    hash        TEXT NOT NULL,
    wanted      JSONB NOT NULL DEFAULT '{}',
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    done_at     TIMESTAMPTZ,
    tries       INTEGER NOT NULL DEFAULT 0,
    look_at     TIMESTAMPTZ,
    trouble     JSONB
);
CREATE INDEX post_correction_post ON post_correction (post_id, id);
CREATE INDEX post_correction_look ON post_correction (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX post_correction_company ON post_correction (company_id, state, id);

-- What a message brought, read at fixed ages.
CREATE TABLE post_count (
    company_id  TEXT NOT NULL,
    post_id     TEXT NOT NULL REFERENCES post (id),
    part_id     TEXT NOT NULL REFERENCES post_part (id),
    channel_id  TEXT NOT NULL,
    age         TEXT NOT NULL,
    due_at      TIMESTAMPTZ,
    read_at     TIMESTAMPTZ,
    tries       INTEGER NOT NULL DEFAULT 0,
    counts      JSONB NOT NULL DEFAULT '{}',
    PRIMARY KEY (part_id, age)
);
CREATE INDEX post_count_due ON post_count (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX post_count_post ON post_count (post_id, part_id);
CREATE INDEX post_count_company ON post_count (company_id, read_at) WHERE read_at IS NOT NULL;
