/** `GET /api/v1/bot/status`: what the bot does now; from its workflow, or from the ledger while that does not answer. */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { BotStatus } from '../../workflows/messages.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { decimalText, instant, iso, isoOrNull, provenance } from '../wire.js';

const openTrade = z.object({ trade_id: z.string(), strategy: z.string(), symbol: z.string(), side: z.enum(['Buy', 'Sell']), state: z.string() });

export const botStatusSchema = z.object({
  ...provenance,
  trading_active: z.boolean().meta({ description: 'whether new positions may be opened now' }),
  state: z.string().meta({ description: 'starting, running, paused or stopped' }),
  reason: z.string().meta({ description: 'given with the last change of state' }),
  since: instant.nullable(),
  mode: z.string(),
  market: z.string(),
  decided_through: instant.nullable().meta({ description: 'trading time: every candle up to this close has been dealt with' }),
  last_decision_at: instant.nullable(),
  open_trades: z.array(openTrade),
  blocked_because: z.string().nullable().meta({ description: 'why no position may be opened although the bot runs' }),
  equity: decimalText.nullable().meta({ description: 'USDT' }),
}).meta({ id: 'BotStatus' });

type Reported = z.output<typeof botStatusSchema>;

export function botStatusRoute(dependencies: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/bot/status',
    summary: 'State of the bot',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: botStatusSchema,
    statuses: { 200: 'The state, from the workflow or, while that does not answer, as the ledger last knew it' },
    handle: async () => ({ status: 200, body: await report(dependencies) }),
  });
}

async function report(dependencies: ApiDependencies): Promise<Reported> {
  try {
    return fromWorkflow(await dependencies.bot.status(), dependencies);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return fromLedger(dependencies, error.message);
  }
}

function fromWorkflow(status: BotStatus, { clock, mode, market }: ApiDependencies): Reported {
  return {
    as_of: iso(clock()),
    source: 'workflow',
    trading_active: status.tradingActive,
    state: status.lifecycle,
    reason: status.reason,
    since: isoOrNull(status.sinceMs),
    mode,
    market,
    decided_through: isoOrNull(status.decidedThroughMs),
    last_decision_at: isoOrNull(status.lastDecisionAtMs),
    open_trades: status.openTrades.map(({ tradeId, strategy, symbol, side, state }) => ({ trade_id: tradeId, strategy, symbol, side, state })),
    blocked_because: status.blockedBecause ?? null,
    equity: status.lastEquity ?? null,
  };
}

/** A workflow that does not answer decides nothing either, so trading is not active, whatever its last state was. */
async function fromLedger({ ledger: open, clock, mode, market }: ApiDependencies, blockedBecause: string): Promise<Reported> {
  const ledger = await open();
  const [decision, trades] = await Promise.all([ledger.latestDecision(), ledger.openTrades()]);
  return {
    as_of: isoOrNull(decision?.decidedThroughMs ?? 0) ?? iso(clock()),
    source: 'ledger',
    trading_active: false,
    state: decision?.lifecycle ?? 'starting',
    reason: 'as the ledger last knew it',
    since: null,
    mode,
    market,
    decided_through: isoOrNull(decision?.decidedThroughMs ?? 0),
    last_decision_at: null,
    open_trades: trades.map(({ tradeId, strategy, symbol, side, state }) => ({ trade_id: tradeId, strategy, symbol, side, state })),
    blocked_because: blockedBecause,
    equity: decision?.wallet?.equity ?? null,
  };
}
