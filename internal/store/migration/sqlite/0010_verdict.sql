-- +goose Up
CREATE TABLE verdict (
    subject       TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    -- Of the text that was judged.
    digest        TEXT NOT NULL,
    model         TEXT NOT NULL,
    -- When it was written, and when it was judged.
    said_at       TIMESTAMP NOT NULL,
    at            TIMESTAMP NOT NULL,
    -- What counts: the member's word, else the second opinion's, else the model's.
    criticism     TEXT NOT NULL,
    tone          TEXT NOT NULL,
    themes        TEXT NOT NULL,
    urgency       INTEGER NOT NULL,
    -- All that the model said, what another model said, and what a member said.
    judged        TEXT NOT NULL,
    second        TEXT,
    second_tries  INTEGER NOT NULL DEFAULT 0,
    said          TEXT,
    corrected_by  TEXT NOT NULL DEFAULT '',
    corrected_at  TIMESTAMP
);
CREATE INDEX verdict_check ON verdict (company_id, said_at, subject) WHERE criticism = 'check';

-- How many texts were judged how, and how many of them members looked at: counted here, because a company has many.
CREATE TABLE verdict_tally (
    company_id  TEXT NOT NULL REFERENCES company (id),
    decision    TEXT NOT NULL,
    judged      BIGINT NOT NULL DEFAULT 0,
    looked      BIGINT NOT NULL DEFAULT 0,
    corrected   BIGINT NOT NULL DEFAULT 0,
    criticisms  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (company_id, decision)
);

-- What members said, with the text, so that the company's own model can be made again.
CREATE TABLE correction (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    said        TEXT NOT NULL,
    member_id   TEXT NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE INDEX correction_company ON correction (company_id, id);
CREATE INDEX correction_subject ON correction (subject);

CREATE TABLE own_word (
    company_id  TEXT NOT NULL REFERENCES company (id),
    word        TEXT NOT NULL,
    folded      TEXT NOT NULL,
    PRIMARY KEY (company_id, folded)
);

-- Grows with everything that a company's model is made from, so that learning knows what it has seen.
CREATE TABLE lesson (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    given       BIGINT NOT NULL,
    learned     BIGINT NOT NULL
);

CREATE TABLE triage_model (
    id            TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    number        INTEGER NOT NULL,
    version       TEXT NOT NULL,
    -- Version of the model of Ponte that it was made from.
    base          TEXT NOT NULL,
    active        BOOLEAN NOT NULL,
    accepted      BOOLEAN NOT NULL,
    undone        BOOLEAN NOT NULL,
    -- How many corrections it was made from, and the latest of them.
    corrections   INTEGER NOT NULL,
    upto          TEXT NOT NULL,
    score_before  DOUBLE PRECISION NOT NULL,
    score_after   DOUBLE PRECISION NOT NULL,
    weights       BLOB,
    at            TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX triage_model_number ON triage_model (company_id, number);
CREATE UNIQUE INDEX triage_model_active ON triage_model (company_id) WHERE active;

CREATE TABLE second_opinion (
    company_id    TEXT PRIMARY KEY REFERENCES company (id),
    address       TEXT NOT NULL,
    model         TEXT NOT NULL,
    secret        TEXT NOT NULL DEFAULT '',
    enabled       BOOLEAN NOT NULL,
    -- How it went: the last answer, and the last problem with its words' key and arguments.
    answered_at   TIMESTAMP,
    problem_key   TEXT NOT NULL DEFAULT '',
    problem_args  TEXT NOT NULL DEFAULT '{}',
    problem_at    TIMESTAMP,
    failures      INTEGER NOT NULL DEFAULT 0,
    rest_until    TIMESTAMP
);
