-- +goose Up
-- The channel on which the post goes out that a link was made for; empty: it was made for none.
ALTER TABLE link ADD COLUMN place TEXT NOT NULL DEFAULT '';
