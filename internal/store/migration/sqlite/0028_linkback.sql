-- +goose Up
-- What other people's pages say of pages of a site of ours: once for each pair of pages.
CREATE TABLE linkback_mention (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    channel_id  TEXT NOT NULL,
    source      TEXT NOT NULL,
    source_key  TEXT NOT NULL,
    -- The source's host, by which it is blocked and held back.
    host        TEXT NOT NULL,
    target      TEXT NOT NULL,
    target_key  TEXT NOT NULL,
    -- How it was told last.
    protocol    TEXT NOT NULL,
    state       TEXT NOT NULL,
    -- What the source does, once it was read; who did it and what the channel calls it.
    kind        TEXT NOT NULL DEFAULT '',
    author_key  TEXT NOT NULL DEFAULT '',
    remote_id   TEXT NOT NULL,
    -- Why it was not taken, as a key of the catalog.
    problem     TEXT NOT NULL DEFAULT '',
    -- Whether the company shows it on its site: empty as it comes, hidden with a reason.
    hidden      TEXT NOT NULL DEFAULT '',
    hidden_by   TEXT NOT NULL DEFAULT '',
    hidden_at   TIMESTAMP,
    -- Once it was good: until it is gone, what cannot be read for a while stays.
    verified_at TIMESTAMP,
    told_at     TIMESTAMP NOT NULL,
    checked_at  TIMESTAMP,
    first_at    TIMESTAMP NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    -- Counts the times it was told, so that a check that began before the last one does not end it.
    told        INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX linkback_mention_pair ON linkback_mention (channel_id, source_key, target_key);
CREATE INDEX linkback_mention_company ON linkback_mention (company_id, id);
CREATE INDEX linkback_mention_target ON linkback_mention (channel_id, target_key, state);
CREATE INDEX linkback_mention_host ON linkback_mention (host, told_at);
CREATE INDEX linkback_mention_author ON linkback_mention (company_id, author_key);

-- Hosts of which the company takes nothing.
CREATE TABLE linkback_block (
    company_id  TEXT NOT NULL REFERENCES company (id),
    host        TEXT NOT NULL,
    by_member   TEXT NOT NULL,
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (company_id, host)
) WITHOUT ROWID;

-- Pages of a site of ours whose links are told to others.
CREATE TABLE linkback_article (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    channel_id  TEXT NOT NULL,
    url         TEXT NOT NULL,
    url_key     TEXT NOT NULL,
    remote_id   TEXT NOT NULL,
    title       TEXT NOT NULL,
    excerpt     TEXT NOT NULL,
    -- Of what it says: the same again tells nobody.
    hash        TEXT NOT NULL,
    gone        BOOLEAN NOT NULL DEFAULT FALSE,
    changed_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX linkback_article_url ON linkback_article (channel_id, url_key);
CREATE INDEX linkback_article_remote ON linkback_article (channel_id, remote_id);
CREATE INDEX linkback_article_company ON linkback_article (company_id);

-- What those pages link, and what came of telling them.
CREATE TABLE linkback_sending (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    channel_id  TEXT NOT NULL,
    article_id  TEXT NOT NULL REFERENCES linkback_article (id),
    target      TEXT NOT NULL,
    target_key  TEXT NOT NULL,
    host        TEXT NOT NULL,
    -- Whether the page still links there.
    linked      BOOLEAN NOT NULL,
    state       TEXT NOT NULL,
    -- Whether they ever took word of it: only they are told when the link goes.
    taken       BOOLEAN NOT NULL DEFAULT FALSE,
    protocol    TEXT NOT NULL DEFAULT '',
    endpoint    TEXT NOT NULL DEFAULT '',
    status      INTEGER NOT NULL DEFAULT 0,
    fault       INTEGER NOT NULL DEFAULT 0,
    says        TEXT NOT NULL DEFAULT '',
    status_url  TEXT NOT NULL DEFAULT '',
    problem     TEXT NOT NULL DEFAULT '',
    tries       INTEGER NOT NULL DEFAULT 0,
    next_at     TIMESTAMP,
    first_at    TIMESTAMP NOT NULL,
    done_at     TIMESTAMP,
    -- Of the page: a step that began before the last change does not end it.
    revision    INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX linkback_sending_pair ON linkback_sending (article_id, target_key);
CREATE INDEX linkback_sending_company ON linkback_sending (company_id, id);
CREATE INDEX linkback_sending_host ON linkback_sending (company_id, host);
