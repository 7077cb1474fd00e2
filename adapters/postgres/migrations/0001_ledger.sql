-- The ledger: facts of the exchange, intents and trades of the bot, and what is needed to explain them later.
--
-- Money is numeric without a precision, so a decimal comes back exactly as it went in.
-- Instants are timestamptz and carry whole milliseconds. `timestamp` is the column name the maintenance guide uses.
-- Primary keys are the natural ids of the facts, which is what makes every write idempotent.

-- Up Migration

create table price_data (
  symbol text not null,
  interval text not null check (interval in ('1', '3', '5', '15', '30', '60', '120', '240', '360', '720', 'D')),
  timestamp timestamptz not null,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric not null,
  turnover numeric not null,
  primary key (symbol, interval, timestamp),
  constraint price_data_range check (low > 0 and low <= least(open, close) and high >= greatest(open, close)),
  constraint price_data_volume check (volume >= 0 and turnover >= 0)
);
create index idx_price_data_symbol_timestamp on price_data (symbol, timestamp desc);
comment on column price_data.timestamp is 'start of the candle';

create table trades (
  trade_id text primary key,
  timestamp timestamptz not null,
  strategy text not null,
  symbol text not null,
  side text not null check (side in ('Buy', 'Sell')),
  state text not null check (state in ('intended', 'open', 'closing', 'closed', 'failed')),
  reference_price numeric not null,
  qty numeric not null check (qty >= 0),
  leverage numeric not null,
  stop_loss numeric not null,
  take_profit numeric,
  entry_price numeric,
  exit_price numeric,
  opened_at timestamptz,
  closed_at timestamptz,
  exit_reason text check (exit_reason in ('stop_loss', 'take_profit', 'signal', 'operator', 'emergency', 'liquidation', 'unprotected', 'external')),
  gross_pnl numeric,
  fees numeric,
  funding numeric,
  realised_pnl numeric,
  error_code integer,
  error_message text,
  workflow_id text not null
);
create index idx_trades_timestamp on trades (timestamp desc);
create index idx_trades_symbol on trades (symbol);
create index idx_trades_unfinished on trades (timestamp) where state in ('intended', 'open', 'closing');
comment on column trades.timestamp is 'close of the candle the entry was decided on';
comment on column trades.funding is 'USDT, positive is a cost';

create table order_intents (
  order_link_id text primary key,
  trade_id text not null,
  kind text not null check (kind in ('entry', 'exit')),
  purpose text not null,
  symbol text not null,
  side text not null check (side in ('Buy', 'Sell')),
  qty numeric not null check (qty > 0),
  stop_loss numeric,
  take_profit numeric,
  leverage numeric,
  decided_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  constraint order_intents_entry_has_stop check (kind <> 'entry' or (stop_loss is not null and leverage is not null))
);
create index idx_order_intents_trade on order_intents (trade_id);

create table orders (
  order_id text primary key,
  order_link_id text not null,
  parent_order_link_id text not null,
  symbol text not null,
  side text not null check (side in ('Buy', 'Sell')),
  order_type text not null check (order_type in ('Market', 'Limit')),
  status text not null check (status in ('New', 'PartiallyFilled', 'Untriggered', 'Triggered', 'Filled', 'Cancelled', 'Rejected', 'Deactivated')),
  stop_order_type text not null,
  create_type text not null,
  cancel_type text not null,
  reject_reason text not null,
  qty numeric not null,
  price numeric not null,
  trigger_price numeric not null,
  stop_loss numeric not null,
  take_profit numeric not null,
  cum_exec_qty numeric not null,
  cum_exec_value numeric not null,
  cum_exec_fee numeric not null,
  avg_price numeric not null,
  reduce_only boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
-- Not unique on purpose: if the exchange ever held two orders under one link id, the ledger must show both.
create index idx_orders_link_id on orders (order_link_id) where order_link_id <> '';
create index idx_orders_symbol_created on orders (symbol, created_at desc);

create table executions (
  exec_id text primary key,
  exec_type text not null check (exec_type in ('Trade', 'Funding', 'BustTrade', 'AdlTrade', 'Settle', 'Delivery')),
  trade_id text,
  order_id text not null,
  order_link_id text not null,
  symbol text not null,
  side text not null check (side in ('Buy', 'Sell')),
  stop_order_type text not null,
  create_type text not null,
  price numeric not null,
  qty numeric not null,
  value numeric not null,
  fee numeric not null,
  fee_rate numeric not null,
  is_maker boolean not null,
  closed_size numeric not null,
  mark_price numeric not null,
  executed_at timestamptz not null,
  seq bigint not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index idx_executions_executed on executions (executed_at desc);
create index idx_executions_symbol_executed on executions (symbol, executed_at);
create index idx_executions_trade on executions (trade_id) where trade_id is not null;
create index idx_executions_order on executions (order_id);
comment on column executions.fee is 'USDT, positive is a cost, also for funding';

create table funding (
  exec_id text primary key references executions (exec_id),
  symbol text not null,
  timestamp timestamptz not null,
  side text not null check (side in ('Buy', 'Sell')),
  position_size numeric not null,
  mark_price numeric not null,
  funding_rate numeric not null,
  amount numeric not null
);
create index idx_funding_symbol_timestamp on funding (symbol, timestamp desc);
comment on column funding.amount is 'USDT, positive is a cost';

create table positions (
  symbol text primary key,
  side text not null check (side in ('Buy', 'Sell', 'None')),
  size numeric not null check (size >= 0),
  avg_price numeric not null,
  mark_price numeric not null,
  leverage numeric not null,
  liquidation_price numeric not null,
  stop_loss numeric not null,
  take_profit numeric not null,
  unrealised_pnl numeric not null,
  position_value numeric not null,
  updated_at timestamptz not null,
  as_of timestamptz not null,
  constraint positions_flat_has_no_side check ((side = 'None') = (size = 0))
);

create table equity (
  as_of timestamptz not null,
  source text not null,
  equity numeric not null,
  wallet_balance numeric not null,
  available numeric not null,
  unrealised_pnl numeric not null,
  initial_margin numeric not null,
  maintenance_margin numeric not null,
  primary key (as_of, source)
);

create table strategies (
  name text primary key,
  enabled boolean not null,
  symbol text not null,
  interval text not null,
  parameters jsonb not null
);

create table decisions (
  decided_through timestamptz primary key,
  lifecycle text not null,
  evaluations jsonb not null,
  wallet jsonb,
  recorded_at timestamptz not null default clock_timestamp()
);

create table bot_state (
  name text primary key,
  state jsonb not null,
  updated_at timestamptz not null
);

create table events (
  event_id text primary key,
  timestamp timestamptz not null,
  code integer,
  severity text not null check (severity in ('info', 'warning', 'error', 'critical')),
  source text not null,
  message text not null,
  context jsonb not null
);
create index idx_events_timestamp on events (timestamp desc);

create table audit (
  audit_id text primary key,
  timestamp timestamptz not null,
  who text not null,
  from_address text not null,
  what text not null,
  reason text not null,
  outcome text not null,
  detail jsonb not null
);
create index idx_audit_timestamp on audit (timestamp desc);

-- Down Migration

drop table audit, events, bot_state, decisions, strategies, equity, positions, funding, executions, orders, order_intents, trades, price_data;
