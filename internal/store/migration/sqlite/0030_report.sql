-- +goose Up
-- The cost book: what was spent, on what, for which days.
CREATE TABLE report_cost (
    id              TEXT PRIMARY KEY,
    company_id      TEXT NOT NULL REFERENCES company (id),
    kind            TEXT NOT NULL,
    cents           BIGINT NOT NULL,
    -- Both ends belong to it; written as 20260302, days of the company's own calendar.
    from_day        INTEGER NOT NULL,
    to_day          INTEGER NOT NULL,
    -- Empty: it belongs to all of them.
    channel         TEXT NOT NULL DEFAULT '',
    campaign        TEXT NOT NULL DEFAULT '',
    note            TEXT NOT NULL DEFAULT '',
    -- What it would have cost in another way, and in which: assumed, never measured. 0: nobody said.
    elsewhere_cents BIGINT NOT NULL DEFAULT 0,
    elsewhere       TEXT NOT NULL DEFAULT '',
    created_by      TEXT NOT NULL DEFAULT '',
    created_at      TIMESTAMP NOT NULL,
    changed_at      TIMESTAMP NOT NULL,
    version         INTEGER NOT NULL
);
CREATE INDEX report_cost_company ON report_cost (company_id, from_day, id);

-- What an hour of a role costs.
CREATE TABLE report_rate (
    company_id      TEXT NOT NULL REFERENCES company (id),
    role            TEXT NOT NULL,
    cents           BIGINT NOT NULL,
    PRIMARY KEY (company_id, role)
) WITHOUT ROWID;

-- How long members worked, by day and kind of work: measured, and what they say themselves instead.
CREATE TABLE report_time (
    company_id      TEXT NOT NULL REFERENCES company (id),
    member_id       TEXT NOT NULL,
    day             INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    seconds         INTEGER NOT NULL,
    -- Minutes; NULL: what was measured stands.
    said            INTEGER,
    PRIMARY KEY (company_id, member_id, day, kind)
) WITHOUT ROWID;
CREATE INDEX report_time_day ON report_time (company_id, day);

-- When a member was last at work, and at what, so that the next sign of them can be reckoned from it. One line for each member.
CREATE TABLE report_pulse (
    company_id      TEXT NOT NULL REFERENCES company (id),
    member_id       TEXT NOT NULL,
    at              TIMESTAMP NOT NULL,
    kind            TEXT NOT NULL,
    PRIMARY KEY (company_id, member_id)
) WITHOUT ROWID;
