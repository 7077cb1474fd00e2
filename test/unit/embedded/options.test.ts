import { expect, test } from 'vitest';
import { OPTION_TABLE } from '../../../embedded/option-table.js';
import { parseOptions, type StackOptions } from '../../../embedded/options.js';

function options(args: string[], env: Record<string, string> = {}): StackOptions {
  const parsed = parseOptions(args, env);
  if (parsed.kind !== 'options') throw new Error(`expected options, got ${JSON.stringify(parsed)}`);
  return parsed.options;
}

function problems(args: string[], env: Record<string, string> = {}): string[] {
  const parsed = parseOptions(args, env);
  return parsed.kind === 'usage' ? parsed.problems : [];
}

test('without options the defaults stand and the market is left to the data directory', () => {
  expect(options([])).toEqual({
    dataDir: 'data',
    configPath: 'config/default.json',
    ports: { api: 8080, temporal: 7233, ui: 8233, postgres: 15432, simulator: 18080 },
    market: { source: undefined, data: undefined, speed: undefined, seed: undefined, from: undefined, to: undefined },
    headless: false,
  });
});

test('the command line wins over the environment, the environment over the default', () => {
  expect(options(['--port', '9000'], { BOT_API_PORT: '9001', BOT_UI_PORT: '9002' }).ports).toMatchObject({ api: 9000, ui: 9002, temporal: 7233 });
});

test('an empty variable counts as absent', () => {
  expect(options([], { BOT_API_PORT: '', BOT_HEADLESS: '' })).toMatchObject({ ports: { api: 8080 }, headless: false });
});

test('headless is a switch on the command line and a word in the environment', () => {
  expect(options(['--headless']).headless).toBe(true);
  expect(options([], { BOT_HEADLESS: 'true' }).headless).toBe(true);
  expect(options([], { BOT_HEADLESS: 'false' }).headless).toBe(false);
});

test('a replay takes its folder, its speed and its span', () => {
  const wish = options(['--market', 'replay', '--data', 'candles', '--speed', '300', '--from', '2025-01-01', '--to', '2025-02-01']).market;
  expect(wish).toEqual({ source: 'replay', data: 'candles', speed: 300, seed: undefined, from: '2025-01-01', to: '2025-02-01' });
  expect(options(['--market', 'synthetic', '--speed', 'max', '--seed', '7']).market).toMatchObject({ speed: 'max', seed: 7 });
});

test('every wrong value is told at once, with option, variable and what would be right', () => {
  expect(problems(['--port', 'http', '--market', 'paper', '--speed', '0'])).toEqual([
    '--port (BOT_API_PORT) is "http": give a port from 0 to 65535 (0 picks a free one)',
    '--market (BOT_MARKET_SOURCE) is "paper": give auto, live, replay or synthetic',
    '--speed (BOT_SPEED) is "0": give a number from 0.1 to 100000, or max',
  ]);
  expect(problems([], { BOT_UI_PORT: '70000' })).toEqual(['--ui-port (BOT_UI_PORT) is "70000": give a port from 0 to 65535 (0 picks a free one)']);
});

test.each([
  [['--market', 'replay'], '--market replay needs --data DIR'],
  [['--data', 'candles'], '--data belongs to --market replay'],
  [['--market', 'live', '--speed', '10'], '--speed needs a market that can run faster'],
  [['--speed', 'max'], '--speed needs a market that can run faster'],
  [['--market', 'live', '--seed', '1'], '--seed belongs to --market synthetic'],
  [['--from', '2025-01-01'], '--from and --to need'],
  [['--market', 'synthetic', '--from', '2025-02-01', '--to', '2025-01-01'], 'is not before'],
])('%j is refused: %s', (args, problem) => {
  expect(problems(args)).toEqual([expect.stringContaining(problem)]);
});

test('an unknown option is named', () => {
  expect(problems(['--prot', '1'])).toEqual([expect.stringContaining("'--prot'")]);
  expect(problems(['extra'])).toEqual([expect.stringContaining('too many arguments')]);
});

test('the help names every option with its variable, the addresses of foreign parts and the exit codes', () => {
  const parsed = parseOptions(['--help'], {});
  const text = parsed.kind === 'help' ? parsed.text.replaceAll(/\s+/g, ' ') : '';
  for (const row of OPTION_TABLE) expect(text).toContain(`${row.flag} `);
  for (const row of OPTION_TABLE) expect(text).toContain(row.variable);
  for (const word of ['TEMPORAL_ADDRESS', 'DATABASE_URL', 'BYBIT_API_KEY', 'Exit codes']) expect(text).toContain(word);
});
