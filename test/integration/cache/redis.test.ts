/** The cache on a real Redis that is killed, frozen and brought back; and on addresses where there is none. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort, hasRedis, startRedis, type RedisServer } from '../../support/redis-server.js';
import { instrument, testedCache, ticker, type TestedCache } from '../../unit/adapters/cache/cached-values.js';

const opened: TestedCache[] = [];
const open = (...parameters: Parameters<typeof testedCache>): TestedCache => {
  const tested = testedCache(...parameters);
  opened.push(tested);
  return tested;
};
afterEach(() => Promise.all(opened.splice(0).map(({ cache }) => cache.close())));

function reader({ cache }: TestedCache, symbol = 'BTCUSDT') {
  const visits = { count: 0 };
  const load = () => {
    visits.count += 1;
    return Promise.resolve(instrument(symbol));
  };
  return { visits, read: () => cache.read({ kind: 'instruments', key: symbol, load }) };
}
const warnings = ({ logger }: TestedCache) => logger.said.filter(({ level }) => level === 'warning');

describe('without a Redis at its address', () => {
  it('every read goes to its source, with one warning 10004 for the outage and every bypass counted', async () => {
    const tested = open(`redis://127.0.0.1:${await freePort()}`);
    const { visits, read } = reader(tested);
    for (let reads = 0; reads < 20; reads += 1) expect((await read()).value).toEqual(instrument('BTCUSDT'));
    expect(visits.count).toBe(20);
    expect(warnings(tested)).toEqual([{ level: 'warning', message: expect.stringContaining('Connection to Redis lost') as string, code: 10004 }]);
    const { backend, available, outages, bypassed } = tested.cache.statistics();
    expect({ backend, available, outages }).toEqual({ backend: 'redis', available: false, outages: 1 });
    expect(bypassed).toBeGreaterThanOrEqual(20);
  });
});

// not run because redis-server is not installed here (Debian: apt install redis-server)
describe.skipIf(!hasRedis)('on a real Redis', () => {
  let redis: RedisServer;
  beforeEach(async () => { redis = await startRedis(); });
  afterEach(() => redis.kill());

  it('what one process read, another one finds', async () => {
    const first = open(redis.url);
    const second = reader(open(redis.url));
    await reader(first).read();
    await first.cache.read({ kind: 'tickers', key: 'BTCUSDT,ETHUSDT', load: () => Promise.resolve([ticker('BTCUSDT'), ticker('ETHUSDT')]) });
    expect((await second.read()).value).toEqual(instrument('BTCUSDT'));
    expect(second.visits.count).toBe(0);
  });

  it('bots of different exchanges do not see each other\'s values', async () => {
    await reader(open(redis.url, 'paper@127.0.0.1:1')).read();
    const other = reader(open(redis.url, 'live'));
    await other.read();
    expect(other.visits.count).toBe(1);
  });

  it('Redis itself forgets a value after ten times its time to live', async () => {
    const { cache } = open(redis.url);
    await cache.read({ kind: 'tickers', key: 'BTCUSDT', load: () => Promise.resolve([ticker('BTCUSDT')]) });
    await expect.poll(() => redis.command('PTTL trading-bot:test:tickers:BTCUSDT')).toMatch(/^:\d{4,5}\r\n$/);
    expect(Number((await redis.command('PTTL trading-bot:test:tickers:BTCUSDT')).slice(1))).toBeLessThanOrEqual(10_000);
  });

  it('an entry that somebody else has spoilt is dropped as 40003 and written anew', async () => {
    const tested = open(redis.url);
    await redis.command('SET trading-bot:test:instruments:BTCUSDT rubbish');
    const { visits, read } = reader(tested);
    expect((await read()).value).toEqual(instrument('BTCUSDT'));
    expect(tested.logger.said.map(({ code }) => code)).toEqual([40003]);
    await read();
    expect(visits.count).toBe(1);
  });

  it('a killed server is passed by with one warning, and used again by itself once it is back', async () => {
    const tested = open(redis.url);
    const { visits, read } = reader(tested);
    await read();
    await redis.kill();
    for (let reads = 0; reads < 10; reads += 1) await read();
    expect(visits.count).toBe(11);
    await redis.start();
    await expect.poll(async () => {
      await read();
      return tested.cache.statistics().available;
    }, { timeout: 15_000 }).toBe(true);
    expect(warnings(tested).map(({ code }) => code)).toEqual([10004]);
    expect(tested.cache.statistics()).toMatchObject({ outages: 1 });
    const visitsSoFar = visits.count;
    await read();
    await read();
    expect(visits.count).toBeLessThanOrEqual(visitsSoFar + 1);
  }, 30_000);

  it('a server that hangs is not waited for by everybody in turn, and is used again once it goes on', async () => {
    const tested = open(redis.url);
    const { visits, read } = reader(tested);
    await read();
    redis.freeze();
    const startedMs = performance.now();
    for (let reads = 0; reads < 50; reads += 1) expect((await read()).value).toEqual(instrument('BTCUSDT'));
    // one time-out of 250 ms a second, not fifty
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(warnings(tested).map(({ code }) => code)).toEqual([10004]);
    redis.thaw();
    const visitsSoFar = visits.count;
    await expect.poll(async () => {
      await read();
      return tested.cache.statistics().available;
    }, { timeout: 15_000 }).toBe(true);
    expect(visits.count).toBeGreaterThanOrEqual(visitsSoFar);
  }, 30_000);
});

// not run because redis-server is not installed here (Debian: apt install redis-server)
describe.skipIf(!hasRedis)('on a Redis with a password', () => {
  let redis: RedisServer;
  beforeEach(async () => { redis = await startRedis({ password: 'open-sesame-12345' }); });
  afterEach(() => redis.kill());

  it('the password of the address opens it', async () => {
    const { cache } = open(redis.url.replace('://', '://:open-sesame-12345@'));
    await cache.read({ kind: 'instruments', key: 'BTCUSDT', load: () => Promise.resolve(instrument('BTCUSDT')) });
    expect(cache.statistics()).toMatchObject({ available: true, bypassed: 0 });
  });

  it('a wrong one is an outage, and is shown nowhere', async () => {
    const tested = open(redis.url.replace('://', '://:wrong-password-12345@'));
    await reader(tested).read();
    expect(warnings(tested).map(({ code }) => code)).toEqual([10004]);
    expect(JSON.stringify(tested.logger.said)).not.toContain('wrong-password');
  });
});
