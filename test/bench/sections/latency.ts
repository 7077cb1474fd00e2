/** From the closed candle to the acknowledged order, in a market that runs by itself and leaves the machine time to breathe. */
import { PULSE_CANDLE_MS, writePulseConfiguration } from '../configurations.js';
import { entryTimelines, type EntryTimeline } from '../entry-timeline.js';
import { openHistories } from '../histories.js';
import { LedgerProbe } from '../ledger-probe.js';
import { largest, p50, p99 } from '../quantiles.js';
import type { Section } from '../section.js';
import { milliseconds, table } from '../table.js';

/** Wall time between two candle boundaries: several times what a decision takes, so that none waits for another. */
const BOUNDARY_EVERY_MS = 750;
const ENTRY_EVERY_MS = 2 * BOUNDARY_EVERY_MS;
/** The first decisions run on cold code and connections; they are part of the bring-up, not of this. */
const WARM_UP_ENTRIES = 5;
const SEED = 11;
/** Of issue 3, on two cores. */
const AIM_P50_MS = 50;
const AIM_P99_MS = 150;

const STAGES: { words: string; from: keyof EntryTimeline; to: keyof EntryTimeline }[] = [
  { words: 'candle received → Temporal has the signal', from: 'received', to: 'signalled' },
  { words: 'signal → worker takes the bot\'s task', from: 'signalled', to: 'botTaken' },
  { words: 'task taken → bot asks for the evaluation', from: 'botTaken', to: 'evaluationAsked' },
  { words: 'evaluation: account, candles, strategies, ledger level', from: 'evaluationAsked', to: 'evaluated' },
  { words: 'evaluated → decision durable', from: 'evaluated', to: 'decided' },
  { words: 'decision → trade workflow exists', from: 'decided', to: 'tradeStarted' },
  { words: 'trade exists → worker takes its task', from: 'tradeStarted', to: 'tradeTaken' },
  { words: 'task taken → order asked for', from: 'tradeTaken', to: 'orderAsked' },
  { words: 'order asked for → activity begins', from: 'orderAsked', to: 'placing' },
  { words: 'activity begins → trade and intent in the ledger', from: 'placing', to: 'intended' },
  { words: 'intent → leverage set, order acknowledged, Temporal knows', from: 'intended', to: 'acknowledged' },
];

export const latency: Section = async ({ options, sandbox, progress }) => {
  const configPath = await writePulseConfiguration(await sandbox.folder('pulse'));
  const market = { source: 'synthetic', seed: SEED, speed: PULSE_CANDLE_MS / BOUNDARY_EVERY_MS } as const;
  const wanted = options.orders + WARM_UP_ENTRIES;
  const timelines = await sandbox.withStack({ dataDir: await sandbox.folder('latency'), configPath, market }, async (stack) => {
    progress(`entering ${wanted} times, one entry every ${ENTRY_EVERY_MS / 1_000} s`);
    const probe = new LedgerProbe(stack.databaseUrl);
    await probe.untilClosedTrades(wanted, { limitMs: 60_000 + wanted * ENTRY_EVERY_MS * 3, onProgress: (closed) => progress(`${closed} of ${wanted} entries`) });
    const histories = await openHistories(stack.temporalAddress);
    return entryTimelines(histories, await probe.entryIntents()).finally(() => histories.close());
  });
  return resultOf(timelines.slice(WARM_UP_ENTRIES));
};

function resultOf(timelines: readonly EntryTimeline[]): Awaited<ReturnType<Section>> {
  const totals = timelines.map(({ received, acknowledged }) => acknowledged - received);
  const row = (words: string, sample: readonly number[]): string[] => [words, milliseconds(p50(sample)), milliseconds(p99(sample)), milliseconds(largest(sample))];
  const stages = STAGES.map(({ words, from, to }) => ({ words, sample: timelines.map((timeline) => timeline[to] - timeline[from]) }));
  return {
    title: 'Candle close received → order acknowledged',
    lines: [
      `${timelines.length} entries, one at a time, three symbols, a candle boundary every ${BOUNDARY_EVERY_MS} ms of wall time (5-minute candles); the first ${WARM_UP_ENTRIES} entries are left out.`,
      'The clock starts when the feed has the last candle of the boundary (`receivedAtMs` in its signal) and stops when Temporal has the result of the',
      'activity that sent the order. The instants between come from the histories of the bot and of the trade, and from the intent\'s row in the ledger:',
      'all of them clocks of this one host. Stages do not add up in p50 and p99, since each is sorted by itself.',
      '',
      ...table(['stage (ms)', 'p50', 'p99', 'max'], [...stages.map(({ words, sample }) => row(words, sample)), row('**whole way**', totals)]),
    ],
    reading: [verdict(totals), costliest(stages)],
    violations: [],
  };
}

function verdict(totals: readonly number[]): string {
  const judge = (value: number, aim: number): string => `${milliseconds(value)} ms (aim: below ${aim} ms, ${value < aim ? 'met' : 'missed'})`;
  return `Candle to acknowledged order: p50 ${judge(p50(totals), AIM_P50_MS)}, p99 ${judge(p99(totals), AIM_P99_MS)}, n = ${totals.length}${totals.length < 100 ? ', too few for a p99 other than the maximum' : ''}.`;
}

function costliest(stages: readonly { words: string; sample: number[] }[]): string {
  const [first, second] = [...stages].sort((one, other) => p50(other.sample) - p50(one.sample));
  const named = [first, second].flatMap((stage) => (stage ? [`"${stage.words}" (p50 ${milliseconds(p50(stage.sample))} ms)`] : []));
  return `The longest stages of that way are ${named.join(' and ')}.`;
}
