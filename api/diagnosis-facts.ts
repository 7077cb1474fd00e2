/**
 * Everything a diagnosis needs, asked all at once. A source that does not answer is a fact, too: the reader wants to know
 * why the bot does not trade exactly when something is away.
 *
 * Invariant: this rejects for defects only, never because a part is away.
 */
import { z } from 'zod';
import { marketClock, seriesHealth, type MarketClock, type SeriesHealth } from '../core/diagnosis/series-health.js';
import { diagnose } from '../core/diagnosis/diagnose.js';
import type { Diagnosis } from '../core/diagnosis/finding.js';
import type { DiagnosisInput, MissingPart } from '../core/diagnosis/facts.js';
import { isBotError } from '../core/errors/bot-error.js';
import { intervalMs, INTERVALS, type Interval } from '../core/market/interval.js';
import { closeMs, type Candle } from '../core/market/candle.js';
import type { Wallet } from '../core/orders/order.js';
import { CONFIGURATION_STATE } from '../core/ports/configuration.js';
import type { DecisionRow } from '../core/ports/ledger.js';
import type { BotStatus, RiskView, StrategyView } from '../workflows/messages.js';
import type { ApiDependencies } from './api-dependencies.js';
import { withinLimit } from './time-limit.js';

const ASK_TIMEOUT_MS = 2_500;
/** enough for the warm-up of every built-in strategy */
const CANDLES_LOOKED_AT = 200;
/** the newest candles, whatever time the market has */
const FAR_FUTURE_MS = Date.UTC(9999, 0);

export interface ConfiguredSeries {
  name: string;
  enabled: boolean;
  symbol: string;
  interval: Interval;
  parameters: Record<string, unknown>;
}

/** null: could not be read now */
export interface GatheredFacts {
  missing: MissingPart[];
  status: BotStatus | null;
  risk: RiskView | null;
  strategies: StrategyView[] | null;
  /** as the workflow carries it */
  internalState: Record<string, unknown> | null;
  wallet: Wallet | null;
  decision: DecisionRow | null;
  /** what the accepted configuration says of the strategies; empty when none was accepted yet */
  configured: ConfiguredSeries[];
  series: SeriesHealth[] | null;
  market: MarketClock;
}

/** `candles`: how many of each series are looked at */
export async function gatherFacts(dependencies: ApiDependencies, { candles = CANDLES_LOOKED_AT }: { candles?: number } = {}): Promise<GatheredFacts> {
  const { bot, ledger, probes } = dependencies;
  const absent = new Map<string, string>();
  const ask = async <T>(part: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await withinLimit(read(), { what: part, limitMs: ASK_TIMEOUT_MS });
    } catch (error) {
      if (!isBotError(error)) throw error;
      absent.set(part, absent.get(part) ?? error.message);
      return null;
    }
  };
  const [overview, wallet, decision, configuration] = await Promise.all([
    ask('bot', () => bot.overview()),
    ask('postgres', async () => (await ledger()).latestWallet()), ask('postgres', async () => (await ledger()).latestDecision()),
    ask('postgres', async () => (await ledger()).state(CONFIGURATION_STATE)),
    ...probes.filter(({ vital, name }) => vital && name !== 'bot').map((probe) => ask(probe.name, async () => {
      const { state, detail } = await probe.check();
      if (state === 'down') absent.set(probe.name, detail);
    })),
  ]);
  const { status = null, risk = null, strategies = null, internalState = null } = overview ?? {};
  const configured = configuredSeries(configuration);
  const known = strategies === null || strategies.length === 0 ? configured : strategies;
  const held = absent.has('postgres') ? null : await ask('postgres', () => readSeries(dependencies, { known, candles }));
  const market = clockOf({ status, decision, held: held ?? [] }, dependencies.clock());
  const series = held?.map((one) => seriesHealth({ ...one, nowMs: market.nowMs })) ?? null;
  const missing = [...absent].map(([name, detail]) => ({ name, detail }));
  return { missing, status, risk, strategies, internalState, wallet, decision, configured, series, market };
}

export function diagnosisOf(facts: GatheredFacts, apiUrl: string): Diagnosis {
  const { missing, status: bot, risk, strategies, wallet, series } = facts;
  const input: DiagnosisInput = { apiUrl, missing, bot, risk, strategies, wallet, series: series?.filter(({ strategies: deciding }) => deciding.length > 0) ?? null };
  return diagnose(input);
}

interface HeldSeries {
  symbol: string;
  interval: Interval;
  strategies: string[];
  candles: Candle[];
}

type Deciding = Pick<StrategyView, 'name' | 'enabled' | 'symbol' | 'interval'>;

async function readSeries({ ledger }: ApiDependencies, { known, candles }: { known: readonly Deciding[]; candles: number }): Promise<HeldSeries[]> {
  const open = await ledger();
  const named = new Map<string, Omit<HeldSeries, 'candles'>>();
  for (const { name, enabled, symbol, interval } of known) {
    if (!isInterval(interval)) continue;
    const key = `${symbol} ${interval}`;
    const deciding = [...(named.get(key)?.strategies ?? []), ...(enabled ? [name] : [])];
    named.set(key, { symbol, interval, strategies: deciding });
  }
  return Promise.all([...named.values()].map(async (one) => (
    { ...one, candles: await open.candles({ symbol: one.symbol, interval: one.interval, untilMs: FAR_FUTURE_MS, limit: candles }) }
  )));
}

function clockOf({ status, decision, held }: { status: BotStatus | null; decision: DecisionRow | null; held: readonly HeldSeries[] }, hostNowMs: number): MarketClock {
  const closes = held.flatMap(({ candles }) => candles.slice(-1).map(closeMs));
  return marketClock({
    hostNowMs,
    decidedThroughMs: status?.decidedThroughMs ?? decision?.decidedThroughMs ?? 0,
    lastDecisionAtMs: status?.lastDecisionAtMs ?? 0,
    newestCloseMs: Math.max(0, ...closes),
    finestMs: Math.min(...held.map(({ interval }) => intervalMs(interval)), intervalMs('D')),
  });
}

function isInterval(text: string): text is Interval {
  return (INTERVALS as readonly string[]).includes(text);
}

const accepted = z.object({
  document: z.object({
    strategies: z.array(z.object({ name: z.string(), enabled: z.boolean(), parameters: z.looseObject({ symbol: z.string(), interval: z.enum(INTERVALS) }) })),
  }),
});

/** A document of another version that does not fit is worth nothing here; the bot itself reads it with its own schema. */
function configuredSeries(configuration: Record<string, unknown> | null): ConfiguredSeries[] {
  const read = accepted.safeParse(configuration);
  if (!read.success) return [];
  return read.data.document.strategies.map(({ name, enabled, parameters }) => ({ name, enabled, symbol: parameters.symbol, interval: parameters.interval, parameters }));
}
