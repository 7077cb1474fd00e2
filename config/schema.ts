/**
 * The configuration file: its only schema. Names in the file are snake_case and stay so in memory, so that a field has
 * one name in the file, in messages and in code.
 *
 * Invariants
 * 1. Every number has a range and its unit in its name or its comment; ranges and required fields of `trading` and
 *    `strategies` are those of the maintenance guide, "Configuration Validation".
 * 2. Money-like numbers leave the schema as `DecimalString`. The JSON reader has refused every literal that a
 *    JavaScript number cannot hold exactly, so `String(n)` is what the operator wrote.
 * 3. Every field can be written back as the file would say it (`z.encode`): no one-way transforms.
 * 4. Unknown keys are refused everywhere but in `strategies[].parameters`, which each strategy's own schema judges.
 */
import { z } from 'zod';
import { apiSchema } from './api-section.js';
import { toDecimalString, type DecimalString } from '../core/money/decimal.js';
import { backupSchema } from './backup-section.js';
import { cacheSchema, resourcesSchema } from './resource-sections.js';

const MODES = ['paper', 'demo', 'testnet', 'live'] as const;

function decimal(minimum: number, maximum: number) {
  return z.codec(z.number().min(minimum).max(maximum), z.custom<DecimalString>(), {
    decode: (value) => toDecimalString(String(value)),
    encode: Number,
  });
}

function integer(minimum: number, maximum: number) {
  return z.int().min(minimum).max(maximum);
}

const decimalDefault = (value: string): DecimalString => toDecimalString(value);

export const tradingSchema = z.strictObject({
  /** largest notional of one position, in `position_size_unit` */
  max_position_size: decimal(0.01, 10_000),
  /** percent of equity, USDT, or base coin */
  position_size_unit: z.enum(['percent', 'usdt', 'base']).default('percent'),
  /** percent of the equity at the start of the UTC day */
  daily_loss_limit: decimal(0.1, 50),
  max_positions: integer(1, 20).default(3),
  /** percent of entry price, for strategies that name none themselves */
  stop_loss_percent: decimal(0.1, 20).default(decimalDefault('2')),
  /** percent of entry price: no strategy may ask for a wider stop */
  max_stop_loss_percent: decimal(0.1, 20).default(decimalDefault('20')),
  leverage: decimal(1, 25).default(decimalDefault('2')),
  /** no new entry on a symbol for so long after its stop was hit; trading time */
  cooldown_minutes_after_stop: integer(0, 10_080).default(60),
  /** percent of equity: the notional of all open positions together */
  max_total_exposure_percent: decimal(1, 2_500).default(decimalDefault('150')),
  /** percent of equity: the notional held in one symbol */
  max_symbol_exposure_percent: decimal(1, 2_500).default(decimalDefault('150')),
  /** percent of the highest equity: entries halt there until an operator resumes */
  max_drawdown_percent: decimal(0.1, 100).default(decimalDefault('20')),
  /** a decision on a candle that closed longer ago than this opens nothing; trading time */
  stale_after_ms: integer(1_000, 3_600_000).default(120_000),
  /** percent: largest distance between the price of the decision and the last traded price */
  max_price_deviation_percent: decimal(0.01, 50).default(decimalDefault('2')),
  /** percent: how much worse than the last price a market entry may fill and still respect every limit */
  slippage_reserve_percent: decimal(0, 10).default(decimalDefault('0.5')),
});

const strategySchema = z.strictObject({
  name: z.string().min(1).max(64),
  enabled: z.boolean(),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

const exchangeSchema = z.strictObject({
  /** how orders travel: REST requests, or the exchange's trade socket */
  order_transport: z.enum(['rest', 'websocket']).default('rest'),
  request_timeout_ms: integer(500, 30_000).default(5_000),
  /** how old a signed request may be when the exchange reads it (Bybit: recv_window, default 5000) */
  recv_window_ms: integer(1_000, 30_000).default(5_000),
  /** fraction of notional paid per market fill (Bybit USDT perpetuals, taker, no VIP level: 0.055 %) */
  taker_fee_rate: decimal(0, 0.01).default(decimalDefault('0.00055')),
});

const feedSchema = z.strictObject({
  /** a closed candle that has not come so long after its close is fetched by REST (40006) */
  overdue_check_ms: integer(1_000, 600_000).default(10_000),
});

export const configurationSchema = z.strictObject({
  mode: z.enum(MODES).default('paper'),
  trading: tradingSchema,
  strategies: z.array(strategySchema).max(50),
  exchange: exchangeSchema.prefault({}),
  feed: feedSchema.prefault({}),
  cache: cacheSchema.prefault({}),
  resources: resourcesSchema.prefault({}),
  api: apiSchema.prefault({}),
  backup: backupSchema.prefault({}),
});

/** Sections that concern single processes: no part of what the trading worker trades with. */
export const PROCESS_SECTIONS = ['api', 'backup', 'cache', 'resources'] as const;

export type TradingSettings = z.output<typeof tradingSchema>;
export type ExchangeSettings = z.output<typeof exchangeSchema>;
/** The file's content: typed and completed, before the strategies' own schemas have judged their parameters. */
export type ConfigurationDocument = z.output<typeof configurationSchema>;
