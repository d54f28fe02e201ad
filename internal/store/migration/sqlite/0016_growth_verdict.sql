-- +goose Up
-- What strangers read while a case is open; empty: its title.
ALTER TABLE growth_case ADD COLUMN public_it TEXT NOT NULL DEFAULT '';
ALTER TABLE growth_case ADD COLUMN public_en TEXT NOT NULL DEFAULT '';
-- Set aside: a member went back from the model that had learned it, and no later one learns it.
ALTER TABLE correction ADD COLUMN aside BOOLEAN NOT NULL DEFAULT FALSE;
