-- +goose Up
-- The sums of a company's links are found by their links; only its removal looks for the company. Every visit paid for the index.
DROP INDEX link_day_company;

-- Sums of what link_tally holds, so that a year is read quickly: of a day over all channels and campaigns, which are empty then, and of a
-- month by channel and campaign, written as 20260300.
CREATE TABLE link_sum (
    company_id TEXT NOT NULL,
    day        INTEGER NOT NULL,
    channel    TEXT NOT NULL,
    campaign   TEXT NOT NULL,
    visits     BIGINT NOT NULL,
    visitors   BIGINT NOT NULL,
    bots       BIGINT NOT NULL,
    previews   BIGINT NOT NULL,
    PRIMARY KEY (company_id, day, channel, campaign)
);
INSERT INTO link_sum (company_id, day, channel, campaign, visits, visitors, bots, previews)
SELECT company_id, day, '', '', sum(visits), sum(visitors), sum(bots), sum(previews) FROM link_tally GROUP BY company_id, day;
INSERT INTO link_sum (company_id, day, channel, campaign, visits, visitors, bots, previews)
SELECT company_id, day / 100 * 100, channel, campaign, sum(visits), sum(visitors), sum(bots), sum(previews) FROM link_tally GROUP BY company_id, day / 100 * 100, channel, campaign;

-- +goose Down
DROP TABLE link_sum;
CREATE INDEX link_day_company ON link_day (company_id);
