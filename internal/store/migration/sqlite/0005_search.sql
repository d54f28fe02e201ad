-- +goose Up
-- A plain table, never external content with triggers: its text is folded before it gets here.
CREATE VIRTUAL TABLE search_doc USING fts5(
    company_id UNINDEXED,
    kind UNINDEXED,
    ref UNINDEXED,
    body,
    tokenize = 'unicode61 remove_diacritics 0'
);
