/** Lock-step over the real simulated exchange and a real database. The bot is played by a loop that records decisions in the ledger. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { CONFIGURATION_STATE } from '../../../core/ports/configuration.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { watchDecided, type DecidedWatch } from '../../../embedded/lock-step/decided-watch.js';
import { createMarketClock } from '../../../embedded/lock-step/market-clock.js';
import { paceInLockStep, type PacerSummary } from '../../../embedded/lock-step/pacer.js';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';

const QUARTER_HOUR_MS = 900_000;
const FROM_MS = Date.UTC(2026, 0, 1);
const TO_MS = FROM_MS + 12 * QUARTER_HOUR_MS;

let folder: string;
let database: TestDatabase;
let ledger: Ledger;
let watch: DecidedWatch;
let simulator: Simulator | undefined;
let port: number;
let stopping: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bot-lock-step-'));
  database = await createTestDatabase();
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, poolSize: 1, poolOverflow: 1, logger: silentLogger });
  watch = watchDecided(database.databaseUrl, silentLogger);
  port = await pickFreePort();
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await simulator?.close();
  await Promise.all([watch.close(), ledger.close()]);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function startMarket(): Promise<Simulator> {
  simulator = await startSimulator({ port, stateDir: folder, market: 'synthetic', seed: 7, speed: 'max', symbols: ['BTCUSDT'], fromMs: FROM_MS, toMs: TO_MS });
  return simulator;
}

function pace(): Promise<PacerSummary> {
  const clock = createMarketClock(`http://127.0.0.1:${port}`);
  return paceInLockStep({ clock, decided: watch, finestIntervalMs: QUARTER_HOUR_MS, logger: silentLogger, signal: stopping.signal });
}

function decide(decidedThroughMs: number): Promise<void> {
  return ledger.saveDecision({ decidedThroughMs, lifecycle: 'running', evaluations: [], wallet: null });
}

/** Resolves when the market has come to the instant. */
async function marketAt(running: Simulator, instantMs: number): Promise<void> {
  while (running.status().marketMs < instantMs) await delay(5);
}

test('the market takes each boundary only after the last one was dealt with, and ends when all are', async () => {
  const running = await startMarket();
  const pacing = pace();
  for (let boundaryMs = FROM_MS; boundaryMs <= TO_MS; boundaryMs += QUARTER_HOUR_MS) {
    await marketAt(running, boundaryMs);
    expect(running.status().marketMs).toBe(boundaryMs);
    await decide(boundaryMs);
  }
  expect(await pacing).toMatchObject({ finished: true, boundaries: 12, simulatedDays: 0.125 });
});

test('without a decision the market stands', async () => {
  const running = await startMarket();
  const pacing = pace();
  await decide(FROM_MS);
  await marketAt(running, FROM_MS + QUARTER_HOUR_MS);
  const elsewhere = decide(FROM_MS); // the same decision again is no permission to go on
  await Promise.all([elsewhere, delay(600)]); // longer than two polls of the ledger
  expect(running.status().marketMs).toBe(FROM_MS + QUARTER_HOUR_MS);
  stopping.abort();
  expect(await pacing).toMatchObject({ finished: false, boundaries: 1 });
});

test('an exchange that is away and comes back continues at the boundary where it stood', async () => {
  const first = await startMarket();
  const pacing = pace();
  await decide(FROM_MS);
  await marketAt(first, FROM_MS + QUARTER_HOUR_MS);
  await first.close();
  await decide(FROM_MS + QUARTER_HOUR_MS);
  const second = await startMarket();
  await marketAt(second, FROM_MS + 2 * QUARTER_HOUR_MS);
  expect(second.status().marketMs).toBe(FROM_MS + 2 * QUARTER_HOUR_MS);
  await decide(TO_MS);
  expect(await pacing).toMatchObject({ finished: true });
});

test('a decision whose notification was lost is found in the ledger', async () => {
  const running = await startMarket();
  const pacing = pace();
  await marketAt(running, FROM_MS);
  // Cuts the listening session; what is decided meanwhile is never notified to it.
  await database.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like $1', ['listen%']);
  await decide(TO_MS);
  expect(await pacing).toMatchObject({ finished: true });
});

test('a configuration with coarser candles that is accepted meanwhile does not leave the market waiting for finer ones', async () => {
  const running = await startMarket();
  const pacing = pace();
  await decide(FROM_MS);
  await marketAt(running, FROM_MS + QUARTER_HOUR_MS);
  const strategies = [{ name: 'sma_cross_eth', enabled: true, parameters: { symbol: 'ETHUSDT', interval: '60' } }];
  await ledger.saveState(CONFIGURATION_STATE, { hash: 'coarser', document: { strategies }, strategyFiles: {} });
  await marketAt(running, FROM_MS + 4 * QUARTER_HOUR_MS);
  expect(running.status().marketMs).toBe(FROM_MS + 4 * QUARTER_HOUR_MS);
  await decide(TO_MS);
  expect(await pacing).toMatchObject({ finished: true });
});
