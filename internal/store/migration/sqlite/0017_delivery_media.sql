-- +goose Up
-- The ids of the files of what was delivered, as they stand on the network, in order.
ALTER TABLE delivery ADD COLUMN remote_media TEXT NOT NULL DEFAULT '[]';
