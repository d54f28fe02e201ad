-- +goose Up
-- What they wrote was judged to be, so that lists need no other room's table: of what they wrote and did not take back.
ALTER TABLE conversation ADD COLUMN criticism BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversation ADD COLUMN doubt BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversation ADD COLUMN question BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversation ADD COLUMN praise BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversation ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
-- By when the most urgent of what waits wants an answer.
ALTER TABLE conversation ADD COLUMN hurry_at TIMESTAMP;
-- The last thing they wrote, whose verdict lists show.
ALTER TABLE conversation ADD COLUMN last_in_id TEXT NOT NULL DEFAULT '';
-- False for what came in before texts were judged, until a job has caught up.
ALTER TABLE conversation ADD COLUMN judged BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX conversation_criticism ON conversation (company_id, last_at, id) WHERE criticism AND state <> 'done';
CREATE INDEX conversation_doubt ON conversation (company_id, last_at, id) WHERE doubt AND state <> 'done';
CREATE INDEX conversation_question ON conversation (company_id, last_at, id) WHERE question AND state <> 'done';
CREATE INDEX conversation_praise ON conversation (company_id, last_at, id) WHERE praise AND state <> 'done';
CREATE INDEX conversation_unjudged ON conversation (judged, id) WHERE NOT judged;
