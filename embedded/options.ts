/**
 * The options of `npm start`. Every one can also be given as an environment variable; the command line wins.
 *
 * Invariant: everything that is wrong is told at once, each with the option and what to do; nothing is started or written.
 */
import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { OPTION_TABLE, type OptionKey } from './option-table.js';

export type MarketSource = 'auto' | 'live' | 'replay' | 'synthetic';

/** What was asked for; undefined: not asked, so an existing data directory decides. */
export interface MarketWish {
  source: MarketSource | undefined;
  /** folder of recorded candles */
  data: string | undefined;
  /** factor of real time, or lock-step with the bot */
  speed: number | 'max' | undefined;
  seed: number | undefined;
  /** ISO 8601 */
  from: string | undefined;
  to: string | undefined;
}

export interface PortOptions {
  api: number;
  temporal: number;
  ui: number;
  postgres: number;
  simulator: number;
}

export interface StackOptions {
  dataDir: string;
  configPath: string;
  ports: PortOptions;
  market: MarketWish;
  /** no Temporal Web UI */
  headless: boolean;
}

export type ParsedOptions = { kind: 'options'; options: StackOptions } | { kind: 'help'; text: string } | { kind: 'usage'; problems: string[] };

const SPEED_MIN = 0.1;
const SPEED_MAX = 100_000;
const port = z.string().regex(/^\d{1,5}$/).transform(Number).pipe(z.int().max(65_535));
const instant = z.string().refine((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)));
const speed = z.union([z.literal('max'), z.string().regex(/^\d+(\.\d+)?$/).transform(Number).pipe(z.number().min(SPEED_MIN).max(SPEED_MAX))]);

const schema = z.object({
  dataDir: z.string().min(1),
  config: z.string().min(1),
  port, temporalPort: port, uiPort: port, postgresPort: port, simulatorPort: port,
  market: z.enum(['auto', 'live', 'replay', 'synthetic']).optional(),
  data: z.string().min(1).optional(),
  speed: speed.optional(),
  seed: z.string().regex(/^\d{1,9}$/).transform(Number).optional(),
  from: instant.optional(),
  to: instant.optional(),
  headless: z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((value) => ['true', '1', 'yes'].includes(value)),
});

/** `args` without the program's name, `env` as the process has it. */
export function parseOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedOptions {
  const read = readCommandLine(args);
  if (read.kind !== 'values') return read;
  const values = Object.fromEntries(OPTION_TABLE.map((row) => [row.key, read.values[row.key] ?? (env[row.variable] || undefined) ?? row.fallback]));
  const parsed = schema.safeParse(values);
  if (!parsed.success) return { kind: 'usage', problems: parsed.error.issues.map((issue) => wrongValue(issue.path[0] as OptionKey, values)) };
  const problems = contradictions(parsed.data);
  return problems.length > 0 ? { kind: 'usage', problems } : { kind: 'options', options: shape(parsed.data) };
}

function shape(values: z.output<typeof schema>): StackOptions {
  return {
    dataDir: values.dataDir,
    configPath: values.config,
    ports: { api: values.port, temporal: values.temporalPort, ui: values.uiPort, postgres: values.postgresPort, simulator: values.simulatorPort },
    market: { source: values.market, data: values.data, speed: values.speed, seed: values.seed, from: values.from, to: values.to },
    headless: values.headless,
  };
}

function wrongValue(key: OptionKey, values: Record<string, string | undefined>): string {
  const row = OPTION_TABLE.find((each) => each.key === key);
  return row === undefined ? `${key} is wrong` : `${row.flag} (${row.variable}) is "${values[key]}": give ${row.wanted}`;
}

function contradictions({ market, data, speed: factor, seed, from, to }: z.output<typeof schema>): string[] {
  const known = market === 'replay' || market === 'synthetic';
  const rules: [boolean, string][] = [
    [market === 'replay' && data === undefined, '--market replay needs --data DIR, the folder of recorded candles'],
    [market !== 'replay' && data !== undefined, '--data belongs to --market replay: add --market replay, or leave --data out'],
    [!known && factor !== undefined && factor !== 1, '--speed needs a market that can run faster: add --market replay or --market synthetic'],
    [market !== 'synthetic' && seed !== undefined, '--seed belongs to --market synthetic: add --market synthetic, or leave --seed out'],
    [!known && (from !== undefined || to !== undefined), '--from and --to need --market replay or --market synthetic'],
    [from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to), `--from ${from} is not before --to ${to}: exchange them`],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

type CommandLine = { kind: 'values'; values: Partial<Record<OptionKey, string>> } | Exclude<ParsedOptions, { kind: 'options' }>;

function readCommandLine(args: readonly string[]): CommandLine {
  let text = '';
  const command = new Command('npm start --')
    .description('Brings up the whole stack and trades. Ctrl-C stops it; starting again on the same data directory continues.')
    .configureOutput({ writeOut: (part) => { text += part; }, writeErr: () => undefined })
    .exitOverride();
  for (const row of OPTION_TABLE) command.addOption(new Option(row.flag + (row.argument === undefined ? '' : ` <${row.argument}>`), describeRow(row)));
  command.addHelpText('after', ENVIRONMENT_HELP);
  try {
    command.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text };
    return { kind: 'usage', problems: [error.message.replace(/^error: /, '')] };
  }
  const given = Object.entries(command.opts()).map(([key, value]) => [key, String(value)]);
  return { kind: 'values', values: Object.fromEntries(given) as Partial<Record<OptionKey, string>> };
}

function describeRow(row: (typeof OPTION_TABLE)[number]): string {
  const fallback = row.fallback === undefined || row.argument === undefined ? '' : `; default ${row.fallback}`;
  return `${row.help} (environment: ${row.variable}${fallback})`;
}

const ENVIRONMENT_HELP = `
Parts that run elsewhere (each is skipped here when its address is given):
  TEMPORAL_ADDRESS    host:port of a Temporal server; TEMPORAL_NAMESPACE names its namespace (default: default)
  TEMPORAL_CLI_PATH   a temporal binary to start, instead of searching for or getting one
  DATABASE_URL        postgresql://user:password@host:5432/database
  BYBIT_REST_URL      with BYBIT_WS_URL: a simulated exchange on loopback (paper mode)
  BYBIT_API_KEY       with BYBIT_API_SECRET: the account of modes demo, testnet and live

Every port option takes 0 for any free port.
Exit codes: 0 after a graceful stop, 1 when the stack cannot run, 2 for a wrong option.
`;
