/** A reconciliation in plain words, for progress, record and alarm. */
import { dec } from '../money/decimal.js';
import type { Correction } from './account-events.js';
import type { OrderDifference, Reconciliation } from './reconcile.js';
import type { BalanceMovement, Candidate } from './what-if.js';

/** Longer lists say how many more there are. */
const LINES_MAX = 20;

export function summaryWords(found: Reconciliation): string {
  const { exchangeBalance, ledgerBalance, difference } = found;
  if (dec(difference).isZero() && differenceLines(found).length === 0) return `exchange and ledger agree: ${exchangeBalance} USDT`;
  return [`exchange ${exchangeBalance} USDT, ledger ${ledgerBalance} USDT, difference ${difference} USDT`, ...shortened(differenceLines(found))].join('; ');
}

/** One line each. */
export function differenceLines({ corrections, further, movements, unexplained, sizes, orders, fundingRowsMissing, trades }: Reconciliation): string[] {
  return [
    ...corrections.map(correctionWords),
    ...(further.count > 0 ? [`${further.count} further executions differ, together ${further.walletEffect} USDT`] : []),
    ...movements.map(({ id, type, change, atMs }) => `${type} ${id} of ${change} USDT at ${instant(atMs)}: the ledger keeps no transfers`),
    ...(dec(unexplained).isZero() ? [] : [`${unexplained} USDT are explained by no event`]),
    ...sizes.map(({ symbol, exchange, ledger }) => `${symbol}: the executions of the exchange leave ${exchange}, those of the ledger ${ledger}`),
    ...orders.map(orderWords),
    ...(fundingRowsMissing > 0 ? [`${fundingRowsMissing} funding payments lack their row`] : []),
    ...trades.map(({ symbol, detail }) => `${symbol}: ${detail}`),
  ];
}

export function correctionWords({ kind, execution, fields, walletEffect }: Correction): string {
  const what = `execution ${execution.execId} (${execution.symbol} ${execution.execType} ${execution.side} ${execution.qty} at ${execution.price}, ${instant(execution.execMs)})`;
  switch (kind) {
    case 'missing':
      return `${what} is missing from the ledger: ${walletEffect} USDT`;
    case 'extra':
      return `${what} stands in the ledger, the exchange does not know it: ${walletEffect} USDT`;
    case 'altered':
      return `${what} differs in ${fields.map(({ name, ledger, exchange }) => `${name} (ledger ${ledger}, exchange ${exchange})`).join(', ')}: ${walletEffect} USDT`;
  }
}

function orderWords({ kind, orderId, orderLinkId, symbol }: OrderDifference): string {
  const name = `order ${orderLinkId === '' ? orderId : orderLinkId} (${symbol})`;
  return kind === 'unknown' ? `${name} is open at the exchange, the ledger has not heard of it` : `${name} is open in the ledger, the exchange does not list it`;
}

export function candidateWords({ kind, movements, count }: Candidate): string {
  const [first, last] = [movements[0], movements.at(-1)];
  switch (kind) {
    case 'one':
      return `missing in the database: ${movementWords(first)}`;
    case 'twice':
      return `counted twice in the database: ${movementWords(first)}`;
    case 'two':
      return `missing in the database: ${movementWords(first)} and ${movementWords(last)}`;
    case 'row':
      return `missing in the database: all ${count} movements from ${movementWords(first)} to ${movementWords(last)}`;
  }
}

function movementWords(movement: BalanceMovement | undefined): string {
  return movement === undefined ? 'nothing' : `${movement.what} ${movement.id} of ${movement.change} USDT at ${instant(movement.atMs)}`;
}

export function shortened(lines: readonly string[]): string[] {
  return lines.length <= LINES_MAX ? [...lines] : [...lines.slice(0, LINES_MAX), `and ${lines.length - LINES_MAX} more`];
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
