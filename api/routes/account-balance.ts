/** `GET /api/v1/account/balance`: the newest reading of the wallet that the ledger holds. */
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, iso, provenance } from '../wire.js';

export const accountBalanceSchema = z.object({
  ...provenance,
  currency: z.literal('USDT'),
  total_balance: z.number().meta({ description: 'equity as a number, for scripts; the exact value is in equity' }),
  equity: decimalText.meta({ description: 'wallet balance plus unrealised profit' }),
  wallet_balance: decimalText,
  available: decimalText,
  unrealised_pnl: decimalText,
  initial_margin: decimalText,
  maintenance_margin: decimalText,
}).meta({ id: 'AccountBalance' });

export function accountBalanceRoute({ ledger: open }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/account/balance',
    summary: 'Balance of the account',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: accountBalanceSchema,
    statuses: { 200: 'The balance' },
    handle: async () => {
      const wallet = await (await open()).latestWallet();
      if (wallet === null) throw new BotError(40001, 'the balance has not been read from the exchange yet', { fix: 'wait until the bot has started; GET /health says what is missing' });
      const body = {
        as_of: iso(wallet.asOfMs),
        source: 'ledger' as const,
        currency: 'USDT' as const,
        total_balance: Number(wallet.equity),
        equity: wallet.equity,
        wallet_balance: wallet.walletBalance,
        available: wallet.available,
        unrealised_pnl: wallet.unrealisedPnl,
        initial_margin: wallet.initialMargin,
        maintenance_margin: wallet.maintenanceMargin,
      };
      return { status: 200, body };
    },
  });
}
