import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../../adapters/cache/memory-store.js';
import { ReadingCache } from '../../../../adapters/cache/reading-cache.js';
import { InstrumentSource } from '../../../../activities/instrument-source.js';
import { BotError } from '../../../../core/errors/bot-error.js';
import { processReportSchema } from '../../../../core/ports/process-report.js';
import { instrument, listeningLogger, testedCache, ticker, type TestedCache } from './cached-values.js';

let tested: TestedCache;
beforeEach(() => { tested = testedCache(); });
afterEach(() => tested.cache.close());

const source = (symbol = 'BTCUSDT') => {
  const visits = { count: 0, fail: undefined as BotError | undefined };
  const load = async () => {
    visits.count += 1;
    await Promise.resolve();
    if (visits.fail !== undefined) throw visits.fail;
    return instrument(symbol);
  };
  return { visits, read: () => tested.cache.read({ kind: 'instruments', key: symbol, load }) };
};
const counts = (kind: 'instruments' | 'tickers') => tested.cache.statistics().kinds[kind];

describe('a value', () => {
  it('is read from its source once in its time to live, and then anew', async () => {
    const { visits, read } = source();
    expect(await read()).toEqual({ value: instrument('BTCUSDT'), readAtMs: tested.clock.nowMs, isExpired: false });
    tested.clock.nowMs += 59_999;
    expect(await read()).toEqual({ value: instrument('BTCUSDT'), readAtMs: tested.clock.nowMs - 59_999, isExpired: false });
    expect(visits.count).toBe(1);
    tested.clock.nowMs += 1;
    await read();
    expect(visits.count).toBe(2);
    expect(counts('instruments')).toEqual({ hits: 1, misses: 2, shared: 0, expiredServed: 0, corrupted: 0 });
  });

  it('that a hundred callers want at once is read once', async () => {
    const { visits, read } = source();
    await Promise.all(Array.from({ length: 100 }, read));
    expect(visits.count).toBe(1);
    expect(counts('instruments')).toMatchObject({ misses: 1, shared: 99 });
  });

  it('whose source fails is nobody\'s, and the next caller asks again', async () => {
    const { visits, read } = source();
    visits.fail = new BotError(30003, 'away');
    const failures = await Promise.allSettled([read(), read()]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    visits.fail = undefined;
    expect((await read()).isExpired).toBe(false);
    expect(visits.count).toBe(2);
  });

  it('of one kind and key is never given for another', async () => {
    const btc = source('BTCUSDT');
    const eth = source('ETHUSDT');
    await tested.cache.read({ kind: 'tickers', key: 'BTCUSDT', load: () => Promise.resolve([ticker('BTCUSDT')]) });
    expect((await eth.read()).value.symbol).toBe('ETHUSDT');
    expect((await btc.read()).value).toEqual(instrument('BTCUSDT'));
  });

  it('is forgotten when the memory is to be released', async () => {
    const { visits, read } = source();
    await read();
    tested.cache.releaseMemory();
    await read();
    expect(visits.count).toBe(2);
  });

  it('of an order, a position or a balance cannot be spelled', () => {
    const spelled = () => [
      // @ts-expect-error -- positions are no cacheable kind: the exchange alone says what is held
      tested.cache.read({ kind: 'positions', key: 'all', load: () => Promise.resolve([]) }),
      // @ts-expect-error -- nor are orders
      tested.cache.read({ kind: 'orders', key: 'all', load: () => Promise.resolve([]) }),
      // @ts-expect-error -- nor is the wallet, under whatever kind
      tested.cache.read({ kind: 'tickers', key: 'wallet', load: () => Promise.resolve({ equity: '1' }) }),
    ];
    expect(spelled).toBeTypeOf('function');
  });
});

describe('an expired value', () => {
  it('is given while the source is away, says so, and is logged and counted as 40009', async () => {
    const { visits, read } = source();
    await read();
    tested.clock.nowMs += 300_000;
    visits.fail = new BotError(30003, 'the exchange is away');
    expect(await read()).toEqual({ value: instrument('BTCUSDT'), readAtMs: tested.clock.nowMs - 300_000, isExpired: true });
    expect(tested.logger.said).toEqual([{ level: 'info', message: expect.stringContaining('Data cache expired') as string, code: 40009 }]);
    expect(counts('instruments')).toMatchObject({ expiredServed: 1 });
    visits.fail = undefined;
    expect((await read()).isExpired).toBe(false);
  });

  it('is not given when the source has a definite answer', async () => {
    const { visits, read } = source();
    await read();
    tested.clock.nowMs += 300_000;
    visits.fail = new BotError(20002, 'delisted');
    await expect(read()).rejects.toMatchObject({ code: 20002 });
    expect(tested.logger.said).toEqual([]);
  });

  it('from a clock that runs ahead counts as expired', async () => {
    const { visits, read } = source();
    await read();
    tested.clock.nowMs -= 3_600_000;
    await read();
    expect(visits.count).toBe(2);
  });
});

describe('an entry that is not what was written', () => {
  it.each([
    ['no JSON', '{"readAtMs":170'],
    ['another shape', '{"readAtMs":1700000000000,"value":{"symbol":"BTCUSDT"}}'],
    ['a number that is none', JSON.stringify({ readAtMs: 1_700_000_000_000, value: { ...instrument('BTCUSDT'), tickSize: 'NaN' } })],
    ['without an instant', JSON.stringify({ value: instrument('BTCUSDT') })],
  ])('is dropped as 40003 and read from its source: %s', async (_what, text) => {
    const store = createMemoryStore();
    const logger = listeningLogger();
    const cache = new ReadingCache({ store, ttlMs: { instruments: 60_000, tickers: 1_000 }, logger, now: () => 1_700_000_000_000 });
    await store.set('instruments:BTCUSDT', text, 60_000);
    const read = () => cache.read({ kind: 'instruments', key: 'BTCUSDT', load: () => Promise.resolve(instrument('BTCUSDT')) });
    expect((await read()).value).toEqual(instrument('BTCUSDT'));
    expect(logger.said).toEqual([{ level: 'error', message: expect.stringContaining('Corrupted data') as string, code: 40003 }]);
    await read();
    expect(cache.statistics().kinds['instruments']).toMatchObject({ corrupted: 1, hits: 1 });
  });
});

describe('what the cache says of itself', () => {
  it('fits into a process report', async () => {
    await source().read();
    const statistics = tested.cache.statistics();
    expect(processReportSchema.shape.cacheStats.parse(statistics)).toEqual(statistics);
    expect(statistics).toMatchObject({ backend: 'memory', available: true, outages: 0, bypassed: 0 });
  });
});

describe('trading rules', () => {
  it('come through the cache, and a symbol that is not listed is 20002', async () => {
    const asked: string[] = [];
    const market = { instruments: (symbols: readonly string[]) => {
      asked.push(...symbols);
      return Promise.resolve(symbols.filter((symbol) => symbol === 'BTCUSDT').map(instrument));
    } };
    const instruments = new InstrumentSource({ market, cache: tested.cache });
    expect([await instruments.get('BTCUSDT'), await instruments.get('BTCUSDT')]).toEqual([instrument('BTCUSDT'), instrument('BTCUSDT')]);
    expect(asked).toEqual(['BTCUSDT']);
    await expect(instruments.get('NONEUSDT')).rejects.toMatchObject({ code: 20002 });
  });
});
