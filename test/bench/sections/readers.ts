/** Two hundred readers while the bot trades: what they wait, and that the bot takes the same trades as without them. */
import type { RunningStack } from '../../../embedded/stack.js';
import { recordedTrades, tradeDifferences, type RecordedTrade } from '../../drills/recorded-trades.js';
import { DEFAULT_CONFIGURATION } from '../configurations.js';
import { readInCrowd, readOneByOne, type Reading } from '../crowd.js';
import { LedgerProbe } from '../ledger-probe.js';
import { largest, p50, p99 } from '../quantiles.js';
import type { BenchContext, Section, SectionResult } from '../section.js';
import { milliseconds, table } from '../table.js';

const READERS = 200;
const PACE_MS = 1_000;
const DURATION_MS = 30_000;
const AIM_P99_MS = 50;
const FIRST_DECISION_LIMIT_MS = 60_000;
const SEED = 11;
/** long enough that the replay outlasts the readers */
const MARKET = { source: 'synthetic', seed: SEED, speed: 'max', from: '2026-01-05', to: '2026-01-10' } as const;
const PATHS = [
  '/health', '/api/v1/bot/status', '/api/v1/trades/recent?hours=12', '/api/v1/positions/active', '/api/v1/positions/stop-losses', '/api/v1/account/balance',
  '/api/v1/risk/current-exposure', '/api/v1/risk/daily-limits', '/api/v1/analytics/daily-pnl', '/api/v1/analytics/trade-summary', '/metrics',
];

interface Reads {
  /** the very first ones of the new API process, one at a time */
  first: Reading[];
  crowd: Reading[];
}

interface Run {
  trades: RecordedTrade[];
  reads: Reads;
  seconds: number;
}

export const readers: Section = async (context) => {
  const alone = await runOnce(context, () => Promise.resolve({ first: [], crowd: [] }));
  context.progress(`undisturbed: ${alone.trades.length} trades in ${alone.seconds.toFixed(0)} s`);
  const crowded = await runOnce(context, readWhileItTrades);
  context.progress(`with ${READERS} readers: ${crowded.trades.length} trades in ${crowded.seconds.toFixed(0)} s, ${crowded.reads.crowd.length} reads`);
  return resultOf(alone, crowded);
};

/** From the first decision on: before it nobody has asked the exchange, and the API says so with 503. */
async function readWhileItTrades({ apiUrl, databaseUrl }: RunningStack): Promise<Reads> {
  await new LedgerProbe(databaseUrl).nextDecisionAfter(0, FIRST_DECISION_LIMIT_MS);
  const first = await readOneByOne({ apiUrl, paths: PATHS });
  return { first, crowd: await readInCrowd({ apiUrl, paths: PATHS, readers: READERS, paceMs: PACE_MS, durationMs: DURATION_MS }) };
}

async function runOnce({ sandbox }: BenchContext, besides: (stack: RunningStack) => Promise<Reads>): Promise<Run> {
  return sandbox.withStack({ dataDir: await sandbox.folder('readers'), configPath: DEFAULT_CONFIGURATION, market: MARKET }, async (stack) => {
    const [{ elapsedMs }, reads] = await Promise.all([stack.awaitReplayFinished(), besides(stack)]);
    return { trades: await recordedTrades(stack.databaseUrl), reads, seconds: elapsedMs / 1_000 };
  });
}

function resultOf(alone: Run, crowded: Run): SectionResult {
  const { first, crowd: readings } = crowded.reads;
  const times = readings.map(({ ms }) => ms);
  const failed = [...first, ...readings].filter(({ outcome }) => outcome !== 200);
  const differences = tradeDifferences(alone.trades, crowded.trades);
  const verdict = p99(times) < AIM_P99_MS ? 'met' : 'missed';
  return {
    title: `${READERS} readers while the bot trades`,
    lines: [
      `${READERS} clients, each on a connection of its own and asking every ${PACE_MS} ms for the next of ${PATHS.length} resources, for ${DURATION_MS / 1_000} s of a lock-step replay,`,
      'which uses whatever the machine has. The readers run on the same cores and are part of the figures.',
      `Before them each resource was asked once, one after the other, of an API that had answered nothing yet: p50 ${milliseconds(p50(first.map(({ ms }) => ms)))} ms, max ${milliseconds(largest(first.map(({ ms }) => ms)))} ms; not in the table.`,
      '',
      ...table(['resource', 'reads', 'p50 ms', 'p99 ms', 'max ms', 'errors'], rowsOf(readings)),
      '',
      `The replay took ${alone.seconds.toFixed(0)} s alone and ${crowded.seconds.toFixed(0)} s with the readers: ${alone.trades.length} and ${crowded.trades.length} trades, **${differences.length} differences** field by field.`,
    ],
    reading: [
      `${READERS} readers at ${(readings.length / (DURATION_MS / 1_000)).toFixed(0)} reads/s: p50 ${milliseconds(p50(times))} ms, p99 ${milliseconds(p99(times))} ms (aim: below ${AIM_P99_MS} ms, ${verdict}), ${failed.length} errors, the same ${alone.trades.length} trades.`,
    ],
    violations: [
      ...differences,
      ...failed.slice(0, 5).map(({ path, outcome }) => `GET ${path} answered ${outcome}`),
      ...(crowded.seconds < DURATION_MS / 1_000 ? ['the replay ended before the readers did'] : []),
    ],
  };
}

function rowsOf(readings: readonly Reading[]): string[][] {
  const row = (name: string, some: readonly Reading[]): string[] => {
    const times = some.map(({ ms }) => ms);
    return [name, String(some.length), milliseconds(p50(times)), milliseconds(p99(times)), milliseconds(largest(times)), String(some.filter(({ outcome }) => outcome !== 200).length)];
  };
  const paths = [...new Set(readings.map(({ path }) => path))].sort();
  return [...paths.map((path) => row(`\`${path}\``, readings.filter((reading) => reading.path === path))), row('**all**', readings)];
}
