-- +goose Up
CREATE TABLE criticism (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    interaction_id  TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    identity_id     TEXT NOT NULL,
    channel_id      TEXT NOT NULL,
    handle          TEXT NOT NULL,
    public          BOOLEAN NOT NULL,
    -- Its places in the record: as heard, and as left undecided.
    leaf            BIGINT NOT NULL DEFAULT -1,
    undecided_leaf  BIGINT NOT NULL DEFAULT -1,
    state           TEXT NOT NULL,
    theme           TEXT NOT NULL DEFAULT '',
    -- Where it stands, as the record's commitment opens; empty when erased.
    address         TEXT NOT NULL,
    salt            TEXT NOT NULL,
    -- What it is about, for finding others that say the same; empty when erased.
    signature       BYTEA,
    said_at         TIMESTAMPTZ NOT NULL,
    heard_at        TIMESTAMPTZ NOT NULL,
    decide_by       TIMESTAMPTZ,
    overdue         BOOLEAN NOT NULL DEFAULT FALSE,
    answered_at     TIMESTAMPTZ,
    reason          TEXT NOT NULL DEFAULT '',
    decided_by      TEXT NOT NULL DEFAULT '',
    decided_at      TIMESTAMPTZ,
    case_id         TEXT NOT NULL DEFAULT '',
    named           BOOLEAN NOT NULL DEFAULT FALSE,
    quote           TEXT NOT NULL DEFAULT '',
    confirmed_at    TIMESTAMPTZ,
    better          BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX criticism_interaction ON criticism (interaction_id) WHERE interaction_id <> '';
CREATE UNIQUE INDEX criticism_handle ON criticism (company_id, handle);
CREATE INDEX criticism_address ON criticism (company_id, address) WHERE address <> '';
CREATE INDEX criticism_conversation ON criticism (company_id, conversation_id);
CREATE INDEX criticism_identity ON criticism (company_id, identity_id);
CREATE INDEX criticism_case ON criticism (case_id, said_at) WHERE case_id <> '';
CREATE INDEX criticism_free ON criticism (company_id, said_at) WHERE case_id = '' AND state = 'counted';
-- What waits for a member's word, and what has waited too long in public.
CREATE INDEX criticism_decide ON criticism (company_id, decide_by, id) WHERE state = 'to_decide';
CREATE INDEX criticism_due ON criticism (decide_by) WHERE state = 'to_decide' AND public AND NOT overdue;

CREATE TABLE growth_case (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    number       INTEGER NOT NULL,
    handle       TEXT NOT NULL,
    title        TEXT NOT NULL,
    theme        TEXT NOT NULL,
    state        TEXT NOT NULL,
    cause        TEXT NOT NULL DEFAULT '',
    plan         TEXT NOT NULL DEFAULT '',
    owner_id     TEXT NOT NULL DEFAULT '',
    due_at       TIMESTAMPTZ,
    opened_by    TEXT NOT NULL,
    opened_at    TIMESTAMPTZ NOT NULL,
    changed_at   TIMESTAMPTZ,
    declined_at  TIMESTAMPTZ,
    decline_it   TEXT NOT NULL DEFAULT '',
    decline_en   TEXT NOT NULL DEFAULT '',
    decline_salt TEXT NOT NULL DEFAULT '',
    -- It stands in the record: one of its criticisms does, or did.
    public       BOOLEAN NOT NULL DEFAULT FALSE,
    -- The criticisms in it, folded into one signature.
    signature    BYTEA,
    -- Open cases first by date, then closed ones by when they were closed, newest first.
    rank         TEXT COLLATE "C" NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX growth_case_number ON growth_case (company_id, number);
CREATE INDEX growth_case_rank ON growth_case (company_id, rank, id);
CREATE INDEX growth_case_owner ON growth_case (company_id, owner_id, rank, id);
CREATE INDEX growth_case_state ON growth_case (company_id, state, rank, id);

CREATE TABLE case_task (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    case_id     TEXT NOT NULL REFERENCES growth_case (id),
    body        TEXT NOT NULL,
    owner_id    TEXT NOT NULL DEFAULT '',
    done_at     TIMESTAMPTZ,
    done_by     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX case_task_case ON case_task (case_id, id);
CREATE INDEX case_task_owner ON case_task (company_id, owner_id);

CREATE TABLE case_evidence (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    case_id     TEXT NOT NULL REFERENCES growth_case (id),
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    url         TEXT NOT NULL DEFAULT '',
    media_id    TEXT NOT NULL DEFAULT '',
    value       TEXT NOT NULL DEFAULT '',
    out_of      TEXT NOT NULL DEFAULT '',
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_evidence_case ON case_evidence (case_id, id);

CREATE TABLE case_event (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL,
    case_id     TEXT NOT NULL REFERENCES growth_case (id),
    key         TEXT NOT NULL,
    args        JSONB NOT NULL,
    member_id   TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX case_event_case ON case_event (case_id, id);

CREATE TABLE promise (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    handle          TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    reply_id        TEXT NOT NULL,
    -- Who it was made to; empty when erased.
    identity_id     TEXT NOT NULL,
    case_id         TEXT NOT NULL DEFAULT '',
    body            TEXT NOT NULL,
    public          BOOLEAN NOT NULL,
    leaf            BIGINT NOT NULL DEFAULT -1,
    owner_id        TEXT NOT NULL,
    due_at          TIMESTAMPTZ NOT NULL,
    state           TEXT NOT NULL,
    made_by         TEXT NOT NULL,
    made_at         TIMESTAMPTZ NOT NULL,
    settled_at      TIMESTAMPTZ,
    settled_by      TEXT NOT NULL DEFAULT '',
    note            TEXT NOT NULL DEFAULT ''
);
CREATE INDEX promise_state ON promise (company_id, state, due_at, id);
CREATE INDEX promise_due ON promise (due_at) WHERE state = 'open';
CREATE INDEX promise_reply ON promise (reply_id);
CREATE INDEX promise_owner ON promise (company_id, owner_id, state, due_at);
CREATE INDEX promise_case ON promise (case_id) WHERE case_id <> '';
CREATE INDEX promise_conversation ON promise (company_id, conversation_id);
CREATE INDEX promise_identity ON promise (company_id, identity_id) WHERE identity_id <> '';

CREATE TABLE improvement (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    case_id       TEXT NOT NULL REFERENCES growth_case (id),
    number        INTEGER NOT NULL DEFAULT 0,
    handle        TEXT NOT NULL,
    state         TEXT NOT NULL,
    -- title, stone, said, did: each in both languages; lines added later.
    words         JSONB NOT NULL,
    later         JSONB NOT NULL,
    since         TIMESTAMPTZ NOT NULL,
    voices        INTEGER NOT NULL DEFAULT 0,
    others        INTEGER NOT NULL DEFAULT 0,
    quoted_as     TEXT NOT NULL DEFAULT '',
    quoted        TEXT NOT NULL DEFAULT '',
    outcome       TEXT NOT NULL,
    trend         JSONB NOT NULL,
    checked_at    TIMESTAMPTZ NOT NULL,
    approved_by   TEXT NOT NULL DEFAULT '',
    approved_at   TIMESTAMPTZ,
    published_by  TEXT NOT NULL DEFAULT '',
    published_at  TIMESTAMPTZ,
    leaf          BIGINT NOT NULL DEFAULT -1,
    salt          TEXT NOT NULL DEFAULT '',
    better        INTEGER NOT NULL DEFAULT 0,
    not_better    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX improvement_case ON improvement (case_id, id);
CREATE UNIQUE INDEX improvement_number ON improvement (company_id, number) WHERE number > 0;
CREATE INDEX improvement_state ON improvement (company_id, state, id);
CREATE INDEX improvement_quoted ON improvement (company_id, quoted) WHERE quoted <> '';
-- What is looked at again every night, in the first year.
CREATE INDEX improvement_look ON improvement (company_id, since) WHERE state = 'published';

CREATE TABLE letter (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL,
    case_id         TEXT NOT NULL REFERENCES growth_case (id),
    improvement_id  TEXT NOT NULL,
    criticism_id    TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    identity_id     TEXT NOT NULL,
    token_hash      TEXT NOT NULL,
    -- With a mark in place of the personal link.
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reply_id        TEXT NOT NULL DEFAULT '',
    sent_by         TEXT NOT NULL DEFAULT '',
    sent_at         TIMESTAMPTZ,
    answered_at     TIMESTAMPTZ,
    better          BOOLEAN NOT NULL DEFAULT FALSE,
    words           TEXT NOT NULL DEFAULT '',
    tries           INTEGER NOT NULL DEFAULT 0,
    tried_at        TIMESTAMPTZ
);
CREATE UNIQUE INDEX letter_criticism ON letter (improvement_id, criticism_id);
CREATE INDEX letter_told ON letter (company_id, criticism_id);
CREATE INDEX letter_case ON letter (case_id, id);
CREATE INDEX letter_reply ON letter (reply_id) WHERE reply_id <> '';
CREATE UNIQUE INDEX letter_token ON letter (token_hash) WHERE token_hash <> '';
CREATE INDEX letter_conversation ON letter (company_id, conversation_id);
CREATE INDEX letter_identity ON letter (company_id, identity_id);

CREATE TABLE growth_setting (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    settings    JSONB NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
);

-- The public record: one log for each company. The key is sealed; edge is what appending needs.
CREATE TABLE record_log (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    origin      TEXT NOT NULL,
    key         TEXT NOT NULL,
    verifier    TEXT NOT NULL,
    size        BIGINT NOT NULL DEFAULT 0,
    root        BYTEA NOT NULL,
    checkpoint  TEXT NOT NULL,
    figures     JSONB NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE record_tile (
    company_id  TEXT NOT NULL,
    level       INTEGER NOT NULL,
    number      BIGINT NOT NULL,
    width       INTEGER NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (company_id, level, number)
);

-- Leaves in bundles of 256, as they are served.
CREATE TABLE record_bundle (
    company_id  TEXT NOT NULL,
    number      BIGINT NOT NULL,
    width       INTEGER NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (company_id, number)
);

-- What the figures' tally must know of each handle of the record (record.Memory); it follows from the leaves.
CREATE TABLE record_fact (
    company_id  TEXT NOT NULL,
    handle      TEXT NOT NULL,
    body        BYTEA NOT NULL,
    PRIMARY KEY (company_id, handle)
);

CREATE TABLE record_post (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    week          TEXT NOT NULL,
    body          TEXT NOT NULL,
    size          BIGINT NOT NULL,
    state         TEXT NOT NULL,
    deliveries    JSONB NOT NULL,
    made_at       TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX record_post_week ON record_post (company_id, week);
