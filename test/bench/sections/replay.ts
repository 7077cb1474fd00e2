/** Lock-step replay: how much market the stack digests, what memory it takes, and whether the books are equal afterwards. */
import { compareBooks, type Verdict } from '../../../checker/compare-books.js';
import { readExchangeBook } from '../../../checker/exchange-book.js';
import { readLedgerBook } from '../../../checker/ledger-book.js';
import type { RunningStack } from '../../../embedded/stack.js';
import { DEFAULT_CONFIGURATION } from '../configurations.js';
import { LedgerProbe } from '../ledger-probe.js';
import { memoryOf, type PartMemory } from '../memory.js';
import type { Section, SectionResult } from '../section.js';
import { days as inDays, table } from '../table.js';

const DAY_MS = 86_400_000;
const BYTES_PER_MIB = 1_024 ** 2;
const SEED = 7;
/** docs/ARCHITECTURE.md, invariant 2: longest span without a full stop, market time. */
const UNPROTECTED_MS_MAX = 2_000;

interface Replayed {
  days: number;
  elapsedMs: number;
  boundaries: number;
  candles: number;
  evaluations: number;
  entries: number;
  before: Map<string, PartMemory>;
  after: Map<string, PartMemory>;
  verdict: Verdict;
}

export const replay: Section = async ({ options, sandbox, progress }) => {
  const fromMs = Date.parse(options.from);
  const span = { from: options.from, to: new Date(fromMs + options.days * DAY_MS).toISOString() };
  const market = options.data === undefined
    ? { source: 'synthetic', seed: SEED, speed: 'max', ...span } as const
    : { source: 'replay', data: options.data, speed: 'max', ...span } as const;
  const logged = ({ service, message }: { service: string; message: string }): void => {
    if (service === 'stack' && message.startsWith('Lock-step')) progress(message);
  };
  const wish = { dataDir: await sandbox.folder('replay'), configPath: DEFAULT_CONFIGURATION, market, reporter: { logged } };
  const replayed = await sandbox.withStack(wish, (stack) => measure(stack, fromMs));
  return resultOf(replayed, options.data === undefined ? `synthetic market, seed ${SEED}` : 'recorded candles');
};

async function measure(stack: RunningStack, fromMs: number): Promise<Replayed> {
  const before = await memoryOf(stack.pids());
  const { simulatedDays, elapsedMs, boundaries, finished } = await stack.awaitReplayFinished();
  if (!finished) throw new Error('the replay was stopped before its end');
  const after = await memoryOf(stack.pids());
  const probe = new LedgerProbe(stack.databaseUrl);
  const [candles = 0] = await probe.numbers('select count(*) from price_data where timestamp >= to_timestamp($1::double precision / 1000)', [fromMs]);
  const [evaluations = 0] = await probe.numbers('select sum(jsonb_array_length(evaluations)) from decisions');
  const [entries = 0] = await probe.numbers("select count(*) from order_intents where kind = 'entry'");
  const [book, ledger] = await Promise.all([readExchangeBook(stack.simulatorUrl ?? ''), readLedgerBook(stack.databaseUrl)]);
  return { days: simulatedDays, elapsedMs, boundaries, candles, evaluations, entries, before, after, verdict: compareBooks(book, ledger, { unprotectedMsMax: UNPROTECTED_MS_MAX }) };
}

function resultOf(replayed: Replayed, market: string): SectionResult {
  const { days, elapsedMs, boundaries, candles, evaluations, entries, verdict } = replayed;
  const elapsedSeconds = elapsedMs / 1_000;
  const row = (what: string, count: number): string[] => [what, String(count), (count / elapsedSeconds).toFixed(1)];
  return {
    title: `Lock-step replay of ${inDays(days)}`,
    lines: [
      `\`--speed max\`, default configuration (three strategies on 15- and 60-minute candles), ${market}: ${elapsedSeconds.toFixed(1)} s, ${(elapsedMs / days / 1_000).toFixed(2)} s a day.`,
      'The market takes the next candle only when the bot has settled its trades and the decision is in the ledger, so this is the whole way, one',
      'boundary after the other, with every process taking part.',
      '',
      ...table(['', 'count', 'per second'], [row('candles received and recorded', candles), row('boundaries decided', boundaries), row('strategies evaluated', evaluations), row('entries sent', entries)]),
      '',
      ...books(verdict),
      '',
      '### Memory',
      '',
      'Resident, MiB, right after the bring-up and right after the replay. PostgreSQL is the sum over its processes, in which shared memory counts once for each.',
      '',
      ...memoryTable(replayed),
    ],
    reading: [
      `Replay: ${(boundaries / elapsedSeconds).toFixed(1)} decisions/s and ${(candles / elapsedSeconds).toFixed(1)} candles/s sustained over ${inDays(days)}.`,
      verdict.findings.length === 0 ? 'Afterwards the ledger equals the exchange\'s book to the last decimal.' : `Afterwards the books differ in ${verdict.findings.length} ways: a defect, see below.`,
    ],
    violations: verdict.findings,
  };
}

function books({ findings, figures }: Verdict): string[] {
  const said = ['orders on the exchange', 'executions on the exchange', 'executions in the ledger'].map((name) => `${figures[name] ?? 0} ${name}`).join(', ');
  return [`Books compared by \`checker/\`: **${findings.length} differences** (${said}).`, ...findings.map((finding) => `- ${finding}`)];
}

function memoryTable({ before, after, days }: Replayed): string[] {
  const mib = (memory: PartMemory | undefined): string => (memory === undefined ? '–' : (memory.rss / BYTES_PER_MIB).toFixed(0));
  const rows = [...after].map(([name, memory]) => [name, String(memory.processes), mib(before.get(name)), mib(memory)]);
  return table(['process', 'processes', 'at the start', `after ${inDays(days)}`], rows);
}
