/**
 * The tables as the newest migration leaves them, for kysely. Column names are the database's own.
 *
 * Invariants
 * 1. `numeric` is text in both directions: pg never turns it into a JavaScript number.
 * 2. An instant is written as ISO text (batches travel as JSON) and read as a `Date`; both carry whole ms.
 */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { ErrorCode, Severity } from '../../core/errors/catalogue.js';
import type { Interval } from '../../core/market/interval.js';
import type { ExecutionType, OrderStatus, OrderType, Position, Side } from '../../core/orders/order.js';
import type { ExitReason, TradeState, TradeTimings } from '../../core/ports/ledger.js';
import type { Json } from '../../core/runbooks/plan.js';
import type { RunbookResult, RunbookStep, RunState } from '../../core/runbooks/run.js';

type Instant = ColumnType<Date, string, string>;
type OptionalInstant = ColumnType<Date | null, string | null, string | null>;
/** pg reads bigint as text, because it may exceed what a number holds; ours never do. */
type BigInteger = ColumnType<string, number, number>;
type JsonObject = JSONColumnType<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>>;

export interface PriceDataTable {
  symbol: string;
  interval: Interval;
  timestamp: Instant;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  turnover: string;
}

export interface TradesTable {
  trade_id: string;
  timestamp: Instant;
  strategy: string;
  symbol: string;
  side: Side;
  state: TradeState;
  reference_price: string;
  qty: string;
  leverage: string;
  stop_loss: string;
  take_profit: string | null;
  entry_price: string | null;
  exit_price: string | null;
  opened_at: OptionalInstant;
  closed_at: OptionalInstant;
  exit_reason: ExitReason | null;
  gross_pnl: string | null;
  fees: string | null;
  funding: string | null;
  realised_pnl: string | null;
  error_code: ErrorCode | null;
  error_message: string | null;
  workflow_id: string;
  timings: ColumnType<TradeTimings | null, TradeTimings | null, TradeTimings | null>;
}

export interface OrderIntentsTable {
  order_link_id: string;
  trade_id: string;
  kind: 'entry' | 'exit';
  purpose: string;
  symbol: string;
  side: Side;
  qty: string;
  stop_loss: string | null;
  take_profit: string | null;
  leverage: string | null;
  decided_at: Instant;
  recorded_at: Generated<Date>;
}

export interface OrdersTable {
  order_id: string;
  order_link_id: string;
  parent_order_link_id: string;
  symbol: string;
  side: Side;
  order_type: OrderType;
  status: OrderStatus;
  stop_order_type: string;
  create_type: string;
  cancel_type: string;
  reject_reason: string;
  qty: string;
  price: string;
  trigger_price: string;
  stop_loss: string;
  take_profit: string;
  cum_exec_qty: string;
  cum_exec_value: string;
  cum_exec_fee: string;
  avg_price: string;
  reduce_only: boolean;
  created_at: Instant;
  updated_at: Instant;
}

export interface ExecutionsTable {
  exec_id: string;
  exec_type: ExecutionType;
  trade_id: string | null;
  order_id: string;
  order_link_id: string;
  symbol: string;
  side: Side;
  stop_order_type: string;
  create_type: string;
  price: string;
  qty: string;
  value: string;
  fee: string;
  fee_rate: string;
  is_maker: boolean;
  closed_size: string;
  mark_price: string;
  executed_at: Instant;
  seq: BigInteger;
  recorded_at: Generated<Date>;
}

export interface FundingTable {
  exec_id: string;
  symbol: string;
  timestamp: Instant;
  side: Side;
  position_size: string;
  mark_price: string;
  funding_rate: string;
  amount: string;
}

export interface PositionsTable {
  symbol: string;
  side: Position['side'];
  size: string;
  avg_price: string;
  mark_price: string;
  leverage: string;
  liquidation_price: string;
  stop_loss: string;
  take_profit: string;
  unrealised_pnl: string;
  position_value: string;
  updated_at: Instant;
  as_of: Instant;
}

export interface EquityTable {
  as_of: Instant;
  source: string;
  equity: string;
  wallet_balance: string;
  available: string;
  unrealised_pnl: string;
  initial_margin: string;
  maintenance_margin: string;
}

export interface StrategiesTable {
  name: string;
  enabled: boolean;
  symbol: string;
  interval: Interval;
  parameters: JsonObject;
}

export interface DecisionsTable {
  decided_through: Instant;
  lifecycle: string;
  evaluations: JSONColumnType<Record<string, unknown>[], Record<string, unknown>[], Record<string, unknown>[]>;
  wallet: ColumnType<Record<string, unknown> | null, Record<string, unknown> | null, Record<string, unknown> | null>;
  recorded_at: Generated<Date>;
}

export interface BotStateTable {
  name: string;
  state: JsonObject;
  updated_at: Instant;
}

export interface EventsTable {
  event_id: string;
  timestamp: Instant;
  code: ErrorCode | null;
  severity: Severity;
  source: string;
  message: string;
  context: JsonObject;
}

export interface AuditTable {
  audit_id: string;
  timestamp: Instant;
  who: string;
  from_address: string;
  what: string;
  reason: string;
  outcome: string;
  detail: JsonObject;
}

export interface ErrorCountsTable {
  life: string;
  code: ErrorCode;
  service: string;
  instance: string;
  occurrences: BigInteger;
  last_at: Instant;
}

export interface ErrorOccurrencesTable {
  occurrence_id: string;
  timestamp: Instant;
  code: ErrorCode;
  severity: Severity;
  service: string;
  instance: string;
  message: string;
  context: JsonObject;
}

export interface RunbookRunsTable {
  run_id: string;
  workflow_id: string;
  runbook: string;
  params: ColumnType<Json, Json, Json>;
  plan_id: string | null;
  reason: string;
  actor: string;
  state: RunState;
  steps: ColumnType<RunbookStep[], RunbookStep[], RunbookStep[]>;
  result: ColumnType<RunbookResult | null, RunbookResult | null, RunbookResult | null>;
  started_at: Instant;
  ended_at: OptionalInstant;
  revision: number;
}

export interface LedgerTables {
  price_data: PriceDataTable;
  trades: TradesTable;
  order_intents: OrderIntentsTable;
  orders: OrdersTable;
  executions: ExecutionsTable;
  funding: FundingTable;
  positions: PositionsTable;
  equity: EquityTable;
  strategies: StrategiesTable;
  decisions: DecisionsTable;
  bot_state: BotStateTable;
  events: EventsTable;
  audit: AuditTable;
  error_counts: ErrorCountsTable;
  error_occurrences: ErrorOccurrencesTable;
  runbook_runs: RunbookRunsTable;
}
