/** Transaction log, realised profits and API key of the account. */
import { z } from 'zod';
import type { ApiKeyInfo, ClosedPnl, TransactionLogEntry } from '../../../core/ports/exchange.js';
import { decimal, decimalOrZero, milliseconds, pageOf, textOrEmpty } from './fields.js';

const transactionRow = z.object({
  id: z.string().min(1),
  symbol: textOrEmpty,
  type: z.string(),
  change: decimalOrZero,
  cashFlow: decimalOrZero,
  funding: decimalOrZero,
  fee: decimalOrZero,
  cashBalance: decimalOrZero,
  tradeId: textOrEmpty,
  orderLinkId: textOrEmpty,
  transactionTime: milliseconds,
}).transform(({ transactionTime, ...row }): TransactionLogEntry => ({ ...row, atMs: transactionTime }));
export const transactionPage = pageOf(transactionRow);

const closedPnlRow = z.object({
  symbol: z.string().min(1),
  orderId: z.string().min(1),
  leverage: decimalOrZero,
  closedPnl: decimal,
  updatedTime: milliseconds,
}).transform(({ updatedTime, ...row }): ClosedPnl => ({ ...row, updatedMs: updatedTime }));
export const closedPnlPage = pageOf(closedPnlRow);

/** Keys without an expiry carry an empty text or the epoch. */
const expiry = z.string().default('').transform((text) => {
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) || instantMs <= 0 ? undefined : instantMs;
});

export const apiKeyInfo = z.object({
  readOnly: z.union([z.literal(0), z.literal(1)]),
  permissions: z.record(z.string(), z.array(z.string()).nullable()),
  ips: z.array(z.string()).nullish(),
  expiredAt: expiry,
}).transform((row): ApiKeyInfo => ({
  readOnly: row.readOnly === 1,
  permissions: Object.fromEntries(Object.entries(row.permissions).map(([group, names]) => [group, names ?? []])),
  boundIps: row.ips ?? [],
  expiresMs: row.expiredAt,
}));
