/**
 * The unified account's wallet, from REST (`account/wallet-balance`) and from the account stream (topic `wallet`).
 * Balance, equity and unrealised profit are those of the USDT coin; what is available and the margins are the account's,
 * because that is what the exchange holds an order against.
 */
import { z } from 'zod';
import type { Wallet } from '../../../core/orders/order.js';
import { toDecimalString } from '../../../core/money/decimal.js';
import { decimalOrZero } from './fields.js';

const SETTLE_COIN = 'USDT';
const ZERO = toDecimalString('0');

const coinRow = z.object({ coin: z.string(), equity: decimalOrZero, walletBalance: decimalOrZero, unrealisedPnl: decimalOrZero });

/** Without `asOfMs`: a row does not know when it was true, its reply or frame does. */
export const walletRow = z.object({
  accountType: z.string().default(''),
  totalAvailableBalance: decimalOrZero,
  totalInitialMargin: decimalOrZero,
  totalMaintenanceMargin: decimalOrZero,
  coin: z.array(coinRow).default([]),
}).transform((row): Omit<Wallet, 'asOfMs'> => {
  const usdt = row.coin.find((candidate) => candidate.coin === SETTLE_COIN);
  return {
    equity: usdt?.equity ?? ZERO,
    walletBalance: usdt?.walletBalance ?? ZERO,
    unrealisedPnl: usdt?.unrealisedPnl ?? ZERO,
    available: row.totalAvailableBalance,
    initialMargin: row.totalInitialMargin,
    maintenanceMargin: row.totalMaintenanceMargin,
  };
});

/** One row: the account type was asked for. */
export const walletList = z.object({ list: z.tuple([walletRow], z.unknown()) });
