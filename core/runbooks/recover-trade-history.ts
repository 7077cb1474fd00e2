/** Fetching what the ledger lacks of a span from the exchange, and rebuilding its trades. */
import type { RunbookDefinition } from './definition.js';

export interface RecoverTradeHistoryParams {
  /** a UTC day (2024-09-01, from its beginning) or an instant (2024-09-01T06:00:00Z) */
  start_date: string;
  /** a UTC day (to its end) or an instant */
  end_date: string;
  /** empty: every symbol that was traded */
  symbols: string[];
}

/** In this order: trades are rebuilt from the parts before them. */
export const HISTORY_PARTS = ['executions', 'orders', 'candles', 'trades'] as const;
export type HistoryPart = (typeof HISTORY_PARTS)[number];

export const RECOVER_STEPS = {
  executions: 'fetch executions and funding',
  orders: 'fetch orders',
  candles: 'fetch candles',
  trades: 'rebuild trades',
  verify: 'verify that nothing is missing',
} as const;

export const RECOVER_TRADE_HISTORY: RunbookDefinition<RecoverTradeHistoryParams> = {
  title: 'Recover trade history: insert what the ledger lacks of a span from the exchange, rebuild its trades',
  destructive: false,
  steps: Object.values(RECOVER_STEPS),
  keyOf: ({ start_date: start, end_date: end, symbols }) => [start, end, ...[...new Set(symbols)].sort()].join('_').replaceAll(':', '.'),
};

const DAY_MS = 86_400_000;
const PLAIN_DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Exchange ms, both ends inclusive. undefined: one of them is no date, or the end comes before the start. */
export function spanOf({ start_date: start, end_date: end }: Pick<RecoverTradeHistoryParams, 'start_date' | 'end_date'>): { fromMs: number; untilMs: number } | undefined {
  const fromMs = Date.parse(start);
  const untilMs = Date.parse(end) + (PLAIN_DAY.test(end) ? DAY_MS - 1 : 0);
  return Number.isNaN(fromMs) || Number.isNaN(untilMs) || untilMs < fromMs ? undefined : { fromMs, untilMs };
}
