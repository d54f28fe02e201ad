-- +goose Up
CREATE TABLE verdict (
    subject       TEXT PRIMARY KEY,
    company_id    TEXT NOT NULL REFERENCES company (id),
    model         TEXT NOT NULL,
    at            TIMESTAMP NOT NULL,
    language      TEXT NOT NULL,
    tone          TEXT NOT NULL,
    -- What counts: the member's word, else the second opinion's, else the model's.
    criticism     TEXT NOT NULL,
    themes        TEXT NOT NULL,
    urgency       INTEGER NOT NULL,
    -- All that the model said.
    judged        TEXT NOT NULL,
    second        TEXT,
    corrected_by  TEXT NOT NULL DEFAULT '',
    corrected_at  TIMESTAMP
);
CREATE INDEX verdict_company ON verdict (company_id, criticism, at);
CREATE INDEX verdict_corrected ON verdict (company_id, corrected_at) WHERE corrected_at IS NOT NULL;

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

CREATE TABLE triage_model (
    id           TEXT PRIMARY KEY,
    company_id   TEXT NOT NULL REFERENCES company (id),
    number       INTEGER NOT NULL,
    version      TEXT NOT NULL,
    active       BOOLEAN NOT NULL,
    accepted     BOOLEAN NOT NULL,
    corrections  INTEGER NOT NULL,
    score_before DOUBLE PRECISION NOT NULL,
    score_after  DOUBLE PRECISION NOT NULL,
    weights      BLOB,
    member_id    TEXT NOT NULL,
    at           TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX triage_model_number ON triage_model (company_id, number);

CREATE TABLE second_opinion (
    company_id  TEXT PRIMARY KEY REFERENCES company (id),
    address     TEXT NOT NULL,
    model       TEXT NOT NULL,
    secret      TEXT NOT NULL DEFAULT '',
    enabled     BOOLEAN NOT NULL
);
