-- +goose Up
-- Who wants the letter of Monday, and of which Monday they had the last.
CREATE TABLE report_letter (
    company_id      TEXT NOT NULL REFERENCES company (id),
    member_id       TEXT NOT NULL,
    wants           BOOLEAN NOT NULL,
    -- Written as 20260302; 0: none yet.
    told            INTEGER NOT NULL DEFAULT 0,
    -- Stands in the letter, so that who has it can stop it without signing in; it is good for nothing else.
    stop            TEXT NOT NULL,
    PRIMARY KEY (company_id, member_id)
);
CREATE UNIQUE INDEX report_letter_stop ON report_letter (stop);

-- What opening a link begins, beside reading a page: call, write, chat, way; empty: a page is read.
ALTER TABLE link ADD COLUMN action TEXT NOT NULL DEFAULT '';
CREATE INDEX link_action ON link (company_id) WHERE action <> '';
