/** The exchange's own memory: kill -9 at any instant loses nothing acknowledged and moves no clock. */
import { appendFile, mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatorOptionsInput } from '../../../simulator/options.js';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { RawClient, sends } from './client.js';
import { FIRST_MS, HOUR_MS, STEP_MS, waveFolder } from './market-data.js';
import { killed, startProcess, type SimulatorProcess } from './simulator-process.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
const ENVIRONMENT = { SIM_API_KEY: TRADER.key, SIM_API_SECRET: TRADER.secret, SIM_RATE_LIMIT_SCALE: '0', SIM_SYMBOLS: 'BTCUSDT' };
let running: SimulatorProcess | undefined;
let inProcess: Simulator | undefined;

afterEach(async () => {
  if (running?.child.exitCode === null && running.child.signalCode === null) await killed(running);
  await inProcess?.close();
  running = undefined;
  inProcess = undefined;
});

const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sim-state-'));
const book = async (url: string): Promise<Record<string, unknown>> => (await sends(url, '/sim/book', undefined, 'GET')).body;

describe('a killed simulator', () => {
  it('continues with the same book, clock and link ids, killed 6 times between lock-step moves and orders', async () => {
    const environment = { ...ENVIRONMENT, SIM_MARKET: 'replay', SIM_DATA: await waveFolder(), SIM_SPEED: 'max', SIM_FROM: String(FIRST_MS + 8 * HOUR_MS), SIM_STATE_DIR: await freshFolder() };
    running = await startProcess(environment);
    for (let round = 1; round <= 6; round += 1) {
      const client = new RawClient(running.url, TRADER);
      expect((await client.order({ orderLinkId: `round-${round}`, side: round % 2 === 0 ? 'Sell' : 'Buy', qty: '0.02' })).retCode).toBe(0);
      await sends(running.url, '/sim/advance', { until: FIRST_MS + 8 * HOUR_MS + round * 2 * STEP_MS });
      const before = await book(running.url);
      await killed(running);
      running = await startProcess(environment);
      expect(await book(running.url)).toEqual(before);
      expect((await new RawClient(running.url, TRADER).order({ orderLinkId: `round-${round}` })).retCode).toBe(110072);
    }
  }, 120_000);

  it('killed in the middle of a long advance ends with the same book as one left alone', async () => {
    const data = await waveFolder();
    const until = FIRST_MS + 40 * HOUR_MS;
    const run = async (kill: boolean): Promise<unknown> => {
      const environment = { ...ENVIRONMENT, SIM_MARKET: 'replay', SIM_DATA: data, SIM_SPEED: 'max', SIM_FROM: String(FIRST_MS + HOUR_MS), SIM_STATE_DIR: await freshFolder() };
      running = await startProcess(environment);
      await new RawClient(running.url, TRADER).order({ orderLinkId: 'held', qty: '0.05', stopLoss: '59400', takeProfit: '60600' });
      if (kill) {
        const journal = join(environment.SIM_STATE_DIR, 'journal.ndjson');
        const advancing = sends(running.url, '/sim/advance', { until }).catch(() => undefined);
        const sizeAtStart = (await stat(journal)).size;
        await expect.poll(async () => (await stat(journal)).size, { interval: 2, timeout: 10_000 }).toBeGreaterThan(sizeAtStart + 1_000);
        await killed(running);
        await advancing;
        running = await startProcess(environment);
      }
      await sends(running.url, '/sim/advance', { until });
      const ended = await book(running.url);
      await killed(running);
      return ended;
    };
    expect(await run(true)).toEqual(await run(false));
  }, 120_000);

  it('resumes a market that runs by itself at the instant where it stopped', async () => {
    const environment = { ...ENVIRONMENT, SIM_SPEED: '100', SIM_STATE_DIR: await freshFolder() };
    running = await startProcess(environment);
    const marketMs = async (): Promise<number> => Number((await sends(running?.url ?? '', '/sim/status', undefined, 'GET')).body['marketMs']);
    const startMs = await marketMs();
    await expect.poll(marketMs, { timeout: 20_000 }).toBeGreaterThan(startMs + 60_000);
    const seen = await marketMs();
    await killed(running);
    const lines = (await readFile(join(environment.SIM_STATE_DIR, 'journal.ndjson'), 'utf8')).trim().split('\n');
    const written = (JSON.parse(lines.at(-1) ?? '{}') as { clock: { atMs: number } }).clock.atMs;
    running = await startProcess(environment);
    expect(await marketMs()).toBeGreaterThanOrEqual(written);
    expect(written).toBeGreaterThan(seen - 300_000);
  }, 60_000);
});

describe('the state folder', () => {
  it('forgets a torn last line, which nobody was told about', async () => {
    const stateDir = await freshFolder();
    const options: SimulatorOptionsInput = { market: 'synthetic', speed: 'max', keys: [TRADER], stateDir, rateLimitScale: 0 };
    inProcess = await startSimulator(options);
    await new RawClient(inProcess.url, TRADER).order({ orderLinkId: 'kept' });
    const before = await book(inProcess.url);
    await inProcess.close();
    await appendFile(join(stateDir, 'journal.ndjson'), '{"number":99999,"commands":[{"kind":"placeOr');
    inProcess = await startSimulator(options);
    expect(await book(inProcess.url)).toEqual(before);
    expect(await readFile(join(stateDir, 'journal.ndjson'), 'utf8')).toBe('');
  });

  it('is the same with a snapshot after every command as with none', async () => {
    const books: unknown[] = [];
    for (const entriesPerSnapshot of [1, 100_000]) {
      const options: SimulatorOptionsInput = { market: 'synthetic', speed: 'max', keys: [TRADER], stateDir: await freshFolder(), rateLimitScale: 0, entriesPerSnapshot };
      inProcess = await startSimulator(options);
      await new RawClient(inProcess.url, TRADER).order({ orderLinkId: 'either' });
      await sends(inProcess.url, '/sim/advance', { until: inProcess.status().marketMs + HOUR_MS });
      await inProcess.close();
      inProcess = await startSimulator(options);
      books.push(await book(inProcess.url));
      await inProcess.close();
    }
    inProcess = undefined;
    expect(books[0]).toEqual(books[1]);
  });

  it('refuses another market with 10002, naming what differs', async () => {
    const stateDir = await freshFolder();
    const first = await startSimulator({ market: 'synthetic', speed: 'max', seed: 1, stateDir });
    await first.close();
    await expect(startSimulator({ market: 'synthetic', speed: 'max', seed: 2, stateDir })).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('seed was "1" and is now "2"') as unknown });
  });

  it('is refused as corrupt when a line in its middle cannot be read', async () => {
    const stateDir = await freshFolder();
    const first = await startSimulator({ market: 'synthetic', speed: 'max', stateDir });
    await first.close();
    await appendFile(join(stateDir, 'journal.ndjson'), 'garbage\n{"number":1}\n');
    await expect(startSimulator({ market: 'synthetic', speed: 'max', stateDir })).rejects.toMatchObject({ code: 40003 });
  });
});

describe('the process', () => {
  it('says what is wrong with code and fix and leaves with 1 when it cannot start', async () => {
    running = await startProcess({ ...ENVIRONMENT, SIM_MARKET: 'replay', SIM_DATA: await freshFolder() });
    expect(running.message).toMatchObject({ kind: 'fatal', code: 20002, fix: expect.stringContaining('5 minute candles') as unknown });
    expect(await running.ended).toBe(1);
  });

  it('plays the recorded candles that it is given, rebased, without being told the kind of market', async () => {
    running = await startProcess(ENVIRONMENT, ['--data', await waveFolder(), '--rebase']);
    expect(running.message.detail).toMatchObject({ market: 'replay', source: expect.stringMatching(/^recorded candles of .* moved to start at /) as unknown });
  });

  it('refuses recorded candles that another market would not play', async () => {
    running = await startProcess(ENVIRONMENT, ['--market', 'synthetic', '--data', await waveFolder()]);
    expect(running.message).toMatchObject({ kind: 'fatal', code: 10002, fix: expect.stringContaining('--market replay') as unknown });
  });

  it('only looks at its market with --check: leaves with 0, or says what is wrong', async () => {
    await expect(startProcess(ENVIRONMENT, ['--check', '--data', await waveFolder()])).rejects.toThrow('ended before it spoke: 0');
    running = await startProcess(ENVIRONMENT, ['--check', '--data', await freshFolder()]);
    expect(running.message).toMatchObject({ kind: 'fatal', code: 20002 });
  });

  it('names a taken port', async () => {
    inProcess = await startSimulator({ speed: 'max' });
    running = await startProcess(ENVIRONMENT, ['--port', String(inProcess.port)]);
    expect(running.message).toMatchObject({ kind: 'fatal', message: expect.stringContaining(`${inProcess.port} (EADDRINUSE)`) as unknown });
    expect(await running.ended).toBe(1);
  });

  it('leaves gracefully when its parent lets go', async () => {
    running = await startProcess(ENVIRONMENT);
    expect(running.message.detail).toMatchObject({ market: 'synthetic', source: 'synthetic market of seed 1' });
    running.child.disconnect();
    expect(await running.ended).toBe(0);
  });
});
