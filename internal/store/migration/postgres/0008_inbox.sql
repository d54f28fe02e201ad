-- +goose Up
CREATE TABLE conversation (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    channel_id    TEXT NOT NULL,
    key           TEXT NOT NULL,
    identity_id   TEXT NOT NULL,
    private       BOOLEAN NOT NULL,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    assignee_id   TEXT NOT NULL DEFAULT '',
    preview       TEXT NOT NULL,
    incoming      INTEGER NOT NULL,
    outgoing      INTEGER NOT NULL,
    notes         INTEGER NOT NULL DEFAULT 0,
    last_in_at    TIMESTAMPTZ NOT NULL,
    last_out_at   TIMESTAMPTZ,
    last_at       TIMESTAMPTZ NOT NULL,
    waiting_since TIMESTAMPTZ,
    due_at        TIMESTAMPTZ,
    snoozed_until TIMESTAMPTZ,
    pending       BOOLEAN NOT NULL DEFAULT FALSE,
    trouble       BOOLEAN NOT NULL DEFAULT FALSE,
    revision      INTEGER NOT NULL DEFAULT 1,
    created_at    TIMESTAMPTZ NOT NULL,
    done_at       TIMESTAMPTZ
);
CREATE UNIQUE INDEX conversation_key ON conversation (channel_id, key);
CREATE INDEX conversation_last ON conversation (company_id, last_at, id);
CREATE INDEX conversation_channel ON conversation (company_id, channel_id, last_at, id);
CREATE INDEX conversation_identity ON conversation (company_id, identity_id, last_at);
CREATE INDEX conversation_due ON conversation (company_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX conversation_live ON conversation (company_id, state, last_at, id) WHERE state <> 'done';
CREATE INDEX conversation_assignee ON conversation (company_id, assignee_id, last_at, id) WHERE assignee_id <> '';
CREATE INDEX conversation_pending ON conversation (company_id, last_at, id) WHERE pending;
CREATE INDEX conversation_trouble ON conversation (company_id, last_at, id) WHERE trouble;
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE interaction (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL,
    channel_id      TEXT NOT NULL,
    remote_id       TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    identity_id     TEXT NOT NULL,
    kind            TEXT NOT NULL,
    mine            BOOLEAN NOT NULL,
    member_id       TEXT NOT NULL DEFAULT '',
    parent_id       TEXT NOT NULL,
    root_id         TEXT NOT NULL,
    body            TEXT NOT NULL,
    warning         TEXT NOT NULL,
    language        TEXT NOT NULL,
    visibility      TEXT NOT NULL,
    media           JSONB,
    mentions        JSONB,
    stars           INTEGER NOT NULL,
    url             TEXT NOT NULL,
    version         TEXT NOT NULL,
    at              TIMESTAMPTZ NOT NULL,
    edited_at       TIMESTAMPTZ,
    deleted_at      TIMESTAMPTZ
);
CREATE UNIQUE INDEX interaction_remote ON interaction (channel_id, remote_id);
CREATE INDEX interaction_conversation ON interaction (conversation_id, at, id);
CREATE INDEX interaction_parent ON interaction (channel_id, parent_id) WHERE parent_id <> '';
CREATE INDEX interaction_identity ON interaction (company_id, identity_id, at);

CREATE TABLE interaction_past (
    id             TEXT PRIMARY KEY,
    company_id     TEXT NOT NULL,
    interaction_id TEXT NOT NULL,
    body           TEXT NOT NULL,
    warning        TEXT NOT NULL,
    media          JSONB,
    until          TIMESTAMPTZ NOT NULL
);
CREATE INDEX interaction_past_of ON interaction_past (interaction_id, id);

CREATE TABLE note (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    member_id       TEXT NOT NULL,
    body            TEXT NOT NULL,
    mentions        JSONB NOT NULL,
    at              TIMESTAMPTZ NOT NULL
);
CREATE INDEX note_conversation ON note (conversation_id, id);

CREATE TABLE note_mention (
    company_id  TEXT NOT NULL,
    note_id     TEXT NOT NULL REFERENCES note (id),
    member_id   TEXT NOT NULL,
    seen_at     TIMESTAMPTZ,
    PRIMARY KEY (note_id, member_id)
);
CREATE INDEX note_mention_member ON note_mention (company_id, member_id, seen_at);

CREATE TABLE label (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    name        TEXT NOT NULL,
    folded      TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX label_name ON label (company_id, folded);

CREATE TABLE conversation_label (
    company_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    label_id        TEXT NOT NULL REFERENCES label (id),
    PRIMARY KEY (conversation_id, label_id)
);
CREATE INDEX conversation_label_label ON conversation_label (company_id, label_id);

CREATE TABLE saved_reply (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    title       TEXT NOT NULL,
    body        TEXT NOT NULL,
    used        INTEGER NOT NULL DEFAULT 0,
    updated_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX saved_reply_title ON saved_reply (company_id, title);

CREATE TABLE draft (
    company_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    member_id       TEXT NOT NULL,
    body            TEXT NOT NULL,
    media           JSONB NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (conversation_id, member_id)
);

CREATE TABLE writing (
    company_id      TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    member_id       TEXT NOT NULL,
    until           TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (conversation_id, member_id)
);

CREATE TABLE reply (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    conversation_id TEXT NOT NULL REFERENCES conversation (id),
    channel_id      TEXT NOT NULL,
    member_id       TEXT NOT NULL,
    answers_id      TEXT NOT NULL,
    body            TEXT NOT NULL,
    media           JSONB NOT NULL,
    visibility      TEXT NOT NULL,
    state           TEXT NOT NULL,
    finish          TEXT NOT NULL,
    decided_by      TEXT NOT NULL DEFAULT '',
    decided_at      TIMESTAMPTZ,
    reason          TEXT NOT NULL DEFAULT '',
    delivery_id     TEXT NOT NULL DEFAULT '',
    interaction_id  TEXT NOT NULL DEFAULT '',
    waited_since    TIMESTAMPTZ,
    written_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX reply_conversation ON reply (conversation_id, id);
CREATE INDEX reply_state ON reply (company_id, state, id);
CREATE INDEX reply_delivery ON reply (delivery_id);
