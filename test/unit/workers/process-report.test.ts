import { describe, expect, it } from 'vitest';
import { BotError } from '../../../core/errors/bot-error.js';
import { processVitalsSchema, type ProcessReport } from '../../../core/ports/process-report.js';
import { KeyWatch } from '../../../workers/process-report-key.js';
import { MemoryWatch } from '../../../workers/process-report-memory.js';
import { PriceBoard } from '../../../workers/process-report-prices.js';
import { watchVitals } from '../../../workers/process-report-vitals.js';
import { publishReports } from '../../../workers/process-report.js';
import { listeningLogger, testedCache, ticker } from '../adapters/cache/cached-values.js';

const MB = 1024 * 1024;

function report(atMs: number): ProcessReport {
  return {
    service: 'trading-worker', instance: 'a', pid: 1, version: '1', startedAtMs: 1, atMs, memory: { rss: 1, peakRss: 1, heapTotal: 1, heapUsed: 1, external: 1, arrayBuffers: 1 },
    cpuPercent: 0, eventLoopDelayMs: { mean: 0, p99: 0, max: 0 }, memoryCleanups: 0, apiStats: null, cacheStats: null, feed: null, keyInfo: null, prices: [],
  };
}

/** A ledger that answers when the test says so. */
function controlledLedger() {
  const saved: unknown[] = [];
  const forgotten: unknown[] = [];
  const control = { fail: undefined as BotError | undefined, release: undefined as (() => void) | undefined, held: false };
  const ledger = {
    saveState: async (name: string, state: Record<string, unknown>) => {
      if (control.held) await new Promise<void>((resolve) => { control.release = resolve; });
      if (control.fail !== undefined) throw control.fail;
      saved.push([name, state['atMs']]);
    },
    forgetStates: (which: unknown) => {
      forgotten.push(which);
      return Promise.resolve();
    },
  };
  return { saved, forgotten, control, open: () => Promise.resolve(ledger) };
}

describe('reports of a process', () => {
  it('stand under its name, the newest only, and those of processes that are long gone are forgotten at the start', async () => {
    const ledger = controlledLedger();
    let atMs = 100_000_000;
    const reporting = publishReports({ ledger: ledger.open, collect: () => report(atMs++), logger: listeningLogger(), everyMs: 1 });
    await expect.poll(() => ledger.saved.length).toBeGreaterThan(3);
    await reporting.stop();
    expect(ledger.saved.slice(0, 2)).toEqual([['process:trading-worker-a', 100_000_000], ['process:trading-worker-a', expect.any(Number)]]);
    expect(ledger.forgotten).toEqual([{ prefix: 'process:', beforeMs: 100_000_000 - 86_400_000, keep: 50 }]);
  });

  it('never queue: while one is under way the next ones are left out', async () => {
    const ledger = controlledLedger();
    let collected = 0;
    ledger.control.held = true;
    const reporting = publishReports({ ledger: ledger.open, collect: () => report(collected++), logger: listeningLogger(), everyMs: 1 });
    await expect.poll(() => collected).toBeGreaterThan(20);
    expect(ledger.saved).toEqual([]);
    ledger.control.held = false;
    ledger.control.release?.();
    await expect.poll(() => ledger.saved.length).toBeGreaterThan(1);
    await reporting.stop();
    expect(ledger.saved[0]).toEqual(['process:trading-worker-a', 0]);
    expect((ledger.saved[1] as [string, number])[1]).toBeGreaterThan(20);
  });

  it('that do not reach the ledger cost one line, and go on when it is back', async () => {
    const ledger = controlledLedger();
    const logger = listeningLogger();
    let collected = 0;
    ledger.control.fail = new BotError(10003, 'the database does not answer');
    const reporting = publishReports({ ledger: ledger.open, collect: () => report(collected++), logger, everyMs: 1 });
    await expect.poll(() => collected).toBeGreaterThan(20);
    expect(logger.said).toEqual([{ level: 'warning', message: expect.stringContaining('do not reach the ledger') as string, code: 10003 }]);
    ledger.control.fail = undefined;
    await expect.poll(() => ledger.saved.length).toBeGreaterThan(0);
    await reporting.stop();
    expect(logger.said.map(({ level }) => level)).toEqual(['warning', 'info']);
  });
});

describe('the vital signs of a process', () => {
  it('are real figures of this very process', () => {
    const vitals = watchVitals({ service: 'api', instance: '1', now: Date.now });
    const read = processVitalsSchema.parse(vitals.read());
    vitals.stop();
    expect(read).toMatchObject({ service: 'api', pid: process.pid, version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
    expect(read.memory.rss).toBeGreaterThan(10 * MB);
    expect(read.memory.peakRss).toBeGreaterThanOrEqual(read.memory.rss);
    expect(read.startedAtMs).toBeLessThanOrEqual(read.atMs);
  });
});

describe('memory', () => {
  it('above the clean-up threshold empties the caches and warns, once per rise', () => {
    const logger = listeningLogger();
    let released = 0;
    const watch = new MemoryWatch({ limits: { max_memory_mb: 1_000, cleanup_threshold_mb: 800 }, logger, release: () => { released += 1; } });
    const counts = [700, 801, 950, 750, 805, 719, 900].map((mb) => watch.judge(mb * MB));
    expect(counts).toEqual([0, 1, 1, 1, 1, 1, 2]);
    expect(released).toBe(2);
    expect(logger.said.map(({ level, code }) => ({ level, code }))).toEqual([{ level: 'warning', code: 10006 }, { level: 'warning', code: 10006 }]);
    expect(logger.said[0]?.message).toContain('801 MB');
  });
});

describe('the permissions of the key', () => {
  it('are asked for again when they have become old, and stay as last known while the exchange is away', async () => {
    let nowMs = 1_000_000;
    let asked = 0;
    let away = false;
    const apiKey = async () => {
      asked += 1;
      await Promise.resolve();
      if (away) throw new BotError(30003, 'away');
      return { readOnly: false, permissions: { ContractTrade: ['Order'] }, boundIps: [], expiresMs: undefined };
    };
    const key = new KeyWatch({ exchange: { apiKey }, logger: listeningLogger(), now: () => nowMs });
    expect(key.read()).toBeNull();
    await expect.poll(() => key.read()).toEqual({ readAtMs: 1_000_000, readOnly: false, permissions: { ContractTrade: ['Order'] }, boundIps: [], expiresMs: null });
    expect(asked).toBe(1);
    away = true;
    nowMs += 600_000;
    expect(key.read()?.readAtMs).toBe(1_000_000);
    await expect.poll(() => asked).toBe(2);
    expect(key.read()?.readAtMs).toBe(1_000_000);
  });
});

describe('prices for display', () => {
  it('are one request for all symbols in their time to live, whoever asks', async () => {
    const { cache, clock } = testedCache();
    const asked: string[][] = [];
    const market = { tickers: (symbols: readonly string[]) => {
      asked.push([...symbols]);
      return Promise.resolve(symbols.map((symbol) => ticker(symbol)));
    } };
    const board = () => new PriceBoard({ market, cache, symbols: () => ['ETHUSDT', 'BTCUSDT', 'ETHUSDT'], logger: listeningLogger() });
    const [first, second] = [board(), board()];
    await first.refresh();
    await second.refresh();
    expect(asked).toEqual([['BTCUSDT', 'ETHUSDT']]);
    expect(second.read()).toEqual([expect.objectContaining({ symbol: 'BTCUSDT', lastPrice: '100' }), expect.objectContaining({ symbol: 'ETHUSDT' })]);
    clock.nowMs += 1_000;
    await first.refresh();
    expect(asked).toHaveLength(2);
  });

  it('stay as last known while the exchange is away', async () => {
    const { cache } = testedCache();
    let away = false;
    const tickers = () => (away ? Promise.reject(new BotError(30003, 'away')) : Promise.resolve([ticker('BTCUSDT')]));
    const board = new PriceBoard({ market: { tickers }, cache, symbols: () => ['BTCUSDT'], logger: listeningLogger() });
    await board.refresh();
    away = true;
    cache.releaseMemory();
    await board.refresh();
    expect(board.read()).toHaveLength(1);
  });
});
