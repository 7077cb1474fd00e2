-- Closed trades are read by the instant of their last exit fill, over spans of weeks.

-- Up Migration

create index idx_trades_closed on trades (closed_at, trade_id) where state = 'closed';

-- Down Migration

drop index idx_trades_closed;
