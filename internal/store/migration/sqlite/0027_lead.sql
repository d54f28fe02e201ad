-- +goose Up
-- What people fill in to be reached.
CREATE TABLE lead_form (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    -- In its public address.
    code        TEXT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    fields      TEXT NOT NULL,
    settings    TEXT NOT NULL,
    -- Signs what the page gives to be proved. It protects nothing but the form's peace.
    secret      TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    changed_at  TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX lead_form_code ON lead_form (code);
CREATE INDEX lead_form_company ON lead_form (company_id, id);

-- The texts that people were asked to agree to. None is ever changed.
CREATE TABLE lead_consent (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    form_id     TEXT NOT NULL REFERENCES lead_form (id),
    field       TEXT NOT NULL,
    version     INTEGER NOT NULL,
    body        TEXT NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX lead_consent_version ON lead_consent (form_id, field, version);
CREATE INDEX lead_consent_company ON lead_consent (company_id);

CREATE TABLE lead (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    source          TEXT NOT NULL,
    form_id         TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    -- What the company's rules say of it: the sum of their points, and what that means.
    score           INTEGER NOT NULL DEFAULT 0,
    quality         TEXT NOT NULL DEFAULT '',
    name            TEXT NOT NULL,
    folded          TEXT NOT NULL,
    email           TEXT NOT NULL DEFAULT '',
    phone           TEXT NOT NULL DEFAULT '',
    -- The account under which the person is known; empty once they were erased.
    identity_id     TEXT NOT NULL DEFAULT '',
    answers         TEXT NOT NULL,
    value_cents     BIGINT NOT NULL DEFAULT 0,
    currency        TEXT NOT NULL,
    sold_on         TEXT NOT NULL DEFAULT '',
    member_id       TEXT NOT NULL DEFAULT '',
    confirmed_at    TIMESTAMP,
    created_at      TIMESTAMP NOT NULL,
    changed_at      TIMESTAMP NOT NULL,
    -- When everything that leads to the person was taken out; the figures stay.
    erased_at       TIMESTAMP,
    version         INTEGER NOT NULL
);
CREATE INDEX lead_company ON lead (company_id, created_at, id);
CREATE INDEX lead_state ON lead (company_id, state, created_at, id);
CREATE INDEX lead_identity ON lead (identity_id);
CREATE INDEX lead_email ON lead (company_id, email);
CREATE INDEX lead_form_leads ON lead (form_id);

-- What brought a lead: the first of it that is known, and the last.
CREATE TABLE lead_touch (
    lead_id     TEXT NOT NULL REFERENCES lead (id),
    company_id  TEXT NOT NULL REFERENCES company (id),
    nth         TEXT NOT NULL,
    at          TIMESTAMP NOT NULL,
    link_id     TEXT NOT NULL DEFAULT '',
    post_id     TEXT NOT NULL DEFAULT '',
    channel     TEXT NOT NULL DEFAULT '',
    campaign    TEXT NOT NULL DEFAULT '',
    source      TEXT NOT NULL DEFAULT '',
    medium      TEXT NOT NULL DEFAULT '',
    -- Of the person who carried it.
    carrier_id  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (lead_id, nth)
) WITHOUT ROWID;
CREATE INDEX lead_touch_company ON lead_touch (company_id);
CREATE INDEX lead_touch_carrier ON lead_touch (carrier_id) WHERE carrier_id <> '';

-- To which texts somebody agreed, and to which they did not.
CREATE TABLE lead_agreed (
    lead_id     TEXT NOT NULL REFERENCES lead (id),
    company_id  TEXT NOT NULL REFERENCES company (id),
    consent_id  TEXT NOT NULL REFERENCES lead_consent (id),
    given       BOOLEAN NOT NULL,
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (lead_id, consent_id)
) WITHOUT ROWID;
CREATE INDEX lead_agreed_company ON lead_agreed (company_id);

-- What happened to a lead, notes among it.
CREATE TABLE lead_event (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    lead_id     TEXT NOT NULL REFERENCES lead (id),
    kind        TEXT NOT NULL,
    member_id   TEXT NOT NULL DEFAULT '',
    was         TEXT NOT NULL DEFAULT '',
    becomes     TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL DEFAULT '',
    at          TIMESTAMP NOT NULL
);
CREATE INDEX lead_event_lead ON lead_event (lead_id, id);
CREATE INDEX lead_event_company ON lead_event (company_id);

-- What was filled in and waits to be confirmed; it is no lead yet.
CREATE TABLE lead_waiting (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    form_id     TEXT NOT NULL REFERENCES lead_form (id),
    token_hash  TEXT NOT NULL,
    -- Of the address the letter goes to.
    mark        TEXT NOT NULL,
    body        TEXT NOT NULL,
    not_before  TIMESTAMP NOT NULL,
    until       TIMESTAMP NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX lead_waiting_token ON lead_waiting (token_hash);
CREATE INDEX lead_waiting_company ON lead_waiting (company_id);
CREATE INDEX lead_waiting_until ON lead_waiting (until);

-- Letters that went to an address lately, so that a form cannot be made to write to somebody all day.
CREATE TABLE lead_letter (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    mark        TEXT NOT NULL,
    at          TIMESTAMP NOT NULL
);
CREATE INDEX lead_letter_mark ON lead_letter (company_id, mark, at);
CREATE INDEX lead_letter_at ON lead_letter (at);

-- Proofs of work that were used: each is good once.
CREATE TABLE lead_proof (
    mark        TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    until       TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX lead_proof_company ON lead_proof (company_id);
CREATE INDEX lead_proof_until ON lead_proof (until);

-- How much was not taken, by day and cause. Nothing of it is kept.
CREATE TABLE lead_refused (
    form_id     TEXT NOT NULL REFERENCES lead_form (id),
    company_id  TEXT NOT NULL REFERENCES company (id),
    day         TEXT NOT NULL,
    cause       TEXT NOT NULL,
    n           INTEGER NOT NULL,
    PRIMARY KEY (form_id, day, cause)
) WITHOUT ROWID;
CREATE INDEX lead_refused_company ON lead_refused (company_id);

-- What the company holds for a good lead.
CREATE TABLE lead_rule (
    id          TEXT PRIMARY KEY,
    company_id  TEXT NOT NULL REFERENCES company (id),
    nth         INTEGER NOT NULL,
    what        TEXT NOT NULL,
    how         TEXT NOT NULL,
    field       TEXT NOT NULL DEFAULT '',
    value       TEXT NOT NULL DEFAULT '',
    points      INTEGER NOT NULL
);
CREATE INDEX lead_rule_company ON lead_rule (company_id, nth);
