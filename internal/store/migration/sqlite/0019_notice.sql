-- +goose Up
-- Programs of the company's own that are told what happens.
CREATE TABLE webhook (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    url           TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- Which kinds of event it wants.
    events        TEXT NOT NULL,
    -- Sealed, both; the second is the one before, which holds until then.
    secret        TEXT NOT NULL,
    secret_before TEXT NOT NULL DEFAULT '',
    before_until  TIMESTAMP,
    state         TEXT NOT NULL,
    created_by    TEXT NOT NULL,
    created_at    TIMESTAMP NOT NULL,
    -- How it goes: the last good answer, since when there is none, how often in a row, and until when it is left alone.
    succeeded_at  TIMESTAMP,
    failing_since TIMESTAMP,
    failures      INTEGER NOT NULL DEFAULT 0,
    rest_until    TIMESTAMP,
    -- When Ponte turned it off by itself, and why.
    off_at        TIMESTAMP,
    problem       TEXT
);
CREATE INDEX webhook_company ON webhook (company_id, id);

-- What a program is told: once for each event.
CREATE TABLE webhook_message (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    webhook_id  TEXT NOT NULL REFERENCES webhook (id),
    type        TEXT NOT NULL,
    -- Of the event: the same event is told once.
    event_key   TEXT NOT NULL,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    at          TIMESTAMP NOT NULL,
    next_at     TIMESTAMP,
    done_at     TIMESTAMP
);
CREATE UNIQUE INDEX webhook_message_event ON webhook_message (webhook_id, event_key);
CREATE INDEX webhook_message_company ON webhook_message (company_id);
CREATE INDEX webhook_message_at ON webhook_message (at);

CREATE TABLE webhook_attempt (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    webhook_id  TEXT NOT NULL REFERENCES webhook (id),
    message_id  TEXT NOT NULL,
    type        TEXT NOT NULL,
    at          TIMESTAMP NOT NULL,
    took_ms     INTEGER NOT NULL,
    -- Zero: there was no answer.
    status      INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    problem     TEXT
);
CREATE INDEX webhook_attempt_webhook ON webhook_attempt (webhook_id, id);
CREATE INDEX webhook_attempt_company ON webhook_attempt (company_id);
CREATE INDEX webhook_attempt_at ON webhook_attempt (at);

-- Of which troubles a member wants a letter.
CREATE TABLE notice_choice (
    company_id   TEXT NOT NULL REFERENCES company (id),
    member_id    TEXT NOT NULL,
    failed       TEXT NOT NULL,
    unconfirmed  TEXT NOT NULL,
    late         TEXT NOT NULL,
    PRIMARY KEY (company_id, member_id)
) WITHOUT ROWID;

-- What a member is to be written about, or was: once for each trouble.
CREATE TABLE notice (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    member_id    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    -- What is in trouble: a delivery, a held variant or a correction, with what it belongs to.
    about        TEXT NOT NULL,
    about_id     TEXT NOT NULL,
    source_kind  TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    -- Which of its troubles, when there are several one after the other.
    episode      TEXT NOT NULL,
    at           TIMESTAMP NOT NULL,
    -- Empty while the letter has not left; and whether it said this, or found it settled.
    told_at      TIMESTAMP,
    written      BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE UNIQUE INDEX notice_once ON notice (company_id, member_id, about_id, kind, episode);
CREATE INDEX notice_open ON notice (at) WHERE told_at IS NULL;
CREATE INDEX notice_told ON notice (company_id, member_id, told_at) WHERE told_at IS NOT NULL;

-- Files of deliveries that the network has taken and keeps for a while, so that another attempt need not bring them again.
CREATE TABLE delivery_upload (
    delivery_id  TEXT NOT NULL,
    company_id   TEXT NOT NULL REFERENCES company (id),
    item         TEXT NOT NULL,
    handle       TEXT NOT NULL,
    until        TIMESTAMP NOT NULL,
    PRIMARY KEY (delivery_id, item)
) WITHOUT ROWID;
CREATE INDEX delivery_upload_until ON delivery_upload (until);
CREATE INDEX delivery_upload_company ON delivery_upload (company_id);
