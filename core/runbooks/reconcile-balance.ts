/** Comparing the exchange's account with the ledger, explaining what differs, repairing what the exchange proves. */
import type { RunbookDefinition } from './definition.js';

export interface ReconcileBalanceParams {
  /** what-if: a balance that somebody has seen at the exchange, USDT, decimal text; null: none */
  exchange_balance: string | null;
  /** what-if: the balance that the database gave instead, USDT */
  database_balance: string | null;
}

export const RECONCILE_STEPS = {
  compare: 'compare exchange and ledger',
  repair: 'repair what the exchange proves',
  again: 'compare again',
  alert: 'alert on what remains',
} as const;

export const RECONCILE_BALANCE: RunbookDefinition<ReconcileBalanceParams> = {
  title: 'Reconcile the balance: exchange against ledger, each difference explained by its events, repaired where the exchange proves it',
  destructive: false,
  steps: Object.values(RECONCILE_STEPS),
  keyOf: (params) => (isWhatIf(params) ? `what-if_${params.exchange_balance}_${params.database_balance}` : 'account'),
};

/** Changes nothing. */
export function isWhatIf(params: ReconcileBalanceParams): params is { exchange_balance: string; database_balance: string } {
  return params.exchange_balance !== null && params.database_balance !== null;
}
