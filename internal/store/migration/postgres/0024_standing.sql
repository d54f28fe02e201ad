-- +goose Up
-- What became of what a person left on a place of ours, where we have the say: approved, held, spam, trash; '' elsewhere.
ALTER TABLE interaction ADD COLUMN standing TEXT NOT NULL DEFAULT '';
