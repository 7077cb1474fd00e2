/** The options of `npm run bench`. A full run writes docs/BENCHMARKS.md; a part or a quick look is only shown, unless a file is named. */
import { Command, InvalidArgumentError, Option } from 'commander';

export const SECTION_NAMES = ['bring-up', 'latency', 'replay', 'readers', 'recovery', 'restart', 'backup'] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

export interface BenchOptions {
  only: readonly SectionName[];
  /** recorded candles for the replay; undefined: a synthetic market */
  data: string | undefined;
  /** first instant of the replay, ISO 8601 */
  from: string;
  days: number;
  /** orders that the latency is measured on */
  orders: number;
  /** kills of each process, and graceful restarts */
  kills: number;
  /** starts on a new and on a used data directory */
  starts: number;
  /** of the ledger that is backed up */
  rows: number;
  output: string | undefined;
  /** the command line as a reader would repeat it, without paths */
  commandLine: string;
}

const FULL_RUN_FILE = 'docs/BENCHMARKS.md';
const DEFAULTS = { days: 30, orders: 150, kills: 5, starts: 3, rows: 5_000_000 };
const QUICK = { days: 1, orders: 15, kills: 1, starts: 1, rows: 200_000 };
const SYNTHETIC_FROM = '2026-01-01';

interface CommandLine {
  quick?: boolean;
  only?: SectionName[];
  data?: string;
  from?: string;
  days?: number;
  orders?: number;
  kills?: number;
  starts?: number;
  rows?: number;
  output?: string;
}

export function readOptions(args: readonly string[]): BenchOptions {
  const command = commandLine();
  const line = command.parse([...args], { from: 'user' }).opts<CommandLine>();
  if (line.data !== undefined && line.from === undefined) command.error('--data needs --from, the first instant to replay (candles before it are the warm-up)');
  const sizes = line.quick === true ? QUICK : DEFAULTS;
  const isWhole = line.quick !== true && line.only === undefined;
  return {
    ...sizes, ...line,
    only: line.only ?? SECTION_NAMES,
    data: line.data,
    from: line.from ?? SYNTHETIC_FROM,
    output: line.output ?? (isWhole ? FULL_RUN_FILE : undefined),
    commandLine: ['npm run bench', ...shownArguments(args)].join(' '),
  };
}

function commandLine(): Command {
  return new Command('npm run bench --')
    .description('Measures the whole stack, with its real processes, and writes what it measured to docs/BENCHMARKS.md')
    .option('--quick', `small samples, shown and not written: ${JSON.stringify(QUICK)}`)
    .option('--only <names>', `some of ${SECTION_NAMES.join(', ')}; shown and not written`, sectionNames)
    .option('--days <number>', `simulated days of the replay (${DEFAULTS.days})`, count)
    .option('--orders <number>', `entries that the latency is measured on (${DEFAULTS.orders})`, count)
    .option('--kills <number>', `kills of each process (${DEFAULTS.kills})`, count)
    .option('--starts <number>', `starts on a new and on a used data directory (${DEFAULTS.starts})`, count)
    .option('--rows <number>', `rows of the ledger that is backed up (${DEFAULTS.rows})`, count)
    .option('--data <dir>', 'recorded candles for the replay, instead of a synthetic market')
    .option('--from <instant>', `first instant of the replay (${SYNTHETIC_FROM})`)
    .addOption(new Option('--output <file>', 'where the page is written, also of a partial run'));
}

function count(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number of at least 1 is needed');
  return value;
}

function sectionNames(text: string): SectionName[] {
  return text.split(',').map((name) => {
    const known = SECTION_NAMES.find((section) => section === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`"${name}" is none of ${SECTION_NAMES.join(', ')}`);
    return known;
  });
}

/** Folders and files of one machine are nobody else's business. */
function shownArguments(args: readonly string[]): string[] {
  if (args.length === 0) return [];
  return ['--', ...args.map((arg, index) => (['--data', '--output'].includes(args[index - 1] ?? '') ? 'PATH' : arg.replace(/^(--(?:data|output))=.*/, '$1=PATH')))];
}
