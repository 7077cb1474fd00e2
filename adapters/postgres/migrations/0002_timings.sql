-- When each entry was received, decided, sent, acknowledged and filled, for debug/execution-times.

-- Up Migration

alter table trades add column timings jsonb;
comment on column trades.timings is 'host ms of each step of the entry; candleCloseMs is exchange ms';

-- Down Migration

alter table trades drop column timings;
