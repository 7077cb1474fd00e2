import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { MarketRecord } from '../../../embedded/data-directory.js';
import { chooseMarket, probeBybit, simulatorArguments, type MarketChoice } from '../../../embedded/market-choice.js';
import type { MarketWish } from '../../../embedded/options.js';

const NO_WISH: MarketWish = { source: undefined, data: undefined, speed: undefined, seed: undefined, from: undefined, to: undefined };
const SYMBOLS = { traded: ['ETHUSDT', 'BTCUSDT'], named: ['ETHUSDT', 'BTCUSDT', 'XRPUSDT'] };
const HELD: MarketRecord = { source: 'replay', data: '/candles', speed: 300, from: '2025-01-01', symbols: ['BTCUSDT', 'ETHUSDT'] };

function choose(wish: Partial<MarketWish>, options: { held?: MarketRecord; answers?: boolean } = {}): Promise<MarketChoice> {
  return chooseMarket({ wish: { ...NO_WISH, ...wish }, held: options.held, probe: () => Promise.resolve(options.answers ?? false), symbols: SYMBOLS });
}

test('a new directory without a wish takes the live feed when it answers', async () => {
  const choice = await choose({}, { answers: true });
  expect(choice.record).toEqual({ source: 'live', symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'] });
  expect(choice.words).toBe('live: Bybit\'s public feed, simulated fills');
});

test('and otherwise a synthetic market that keeps pace with the clock, with a seed that is kept', async () => {
  const choice = await choose({ source: 'auto' });
  expect(choice.record).toMatchObject({ source: 'synthetic', rebase: true, seed: expect.any(Number) });
  expect(choice.reason).toContain('does not answer within 3 s');
  expect(simulatorArguments(choice.record)).toEqual(['--market', 'synthetic', '--symbols', 'BTCUSDT,ETHUSDT,SOLUSDT,XRPUSDT', '--seed', String(choice.record.seed), '--rebase']);
});

test('a replay lists only what is traded, because a recording holds only so much', async () => {
  const { record, words } = await choose({ source: 'replay', data: '/candles', speed: 'max', from: '2025-01-01', to: '2025-02-01' });
  expect(simulatorArguments(record)).toEqual(['--market', 'replay', '--symbols', 'BTCUSDT,ETHUSDT', '--data', '/candles', '--speed', 'max', '--from', '2025-01-01', '--to', '2025-02-01']);
  expect(words).toBe('replay: recorded candles of /candles, in lock-step with the bot');
});

test('a synthetic market that runs faster is not moved in time', async () => {
  expect((await choose({ source: 'synthetic', seed: 7, speed: 60 })).record).toMatchObject({ seed: 7, speed: 60 });
  expect((await choose({ source: 'synthetic', seed: 7, speed: 60 })).record.rebase).toBeUndefined();
});

test('a directory keeps its market, whatever the feed does; only the speed may change', async () => {
  expect((await choose({}, { held: HELD, answers: true })).record).toEqual(HELD);
  expect((await choose({ source: 'auto' }, { held: HELD })).record).toEqual(HELD);
  expect((await choose({ source: 'replay', data: '/candles', speed: 600 }, { held: HELD })).record).toEqual({ ...HELD, speed: 600 });
});

test.each([
  [{ source: 'synthetic' as const, seed: 7 }, 'its source is "replay", asked for is "synthetic"; its seed is "not set", asked for is "7"'],
  [{ source: 'replay' as const, data: '/other' }, 'its data is "/candles", asked for is "/other"'],
])('another market on the same directory is refused: %j', async (wish, difference) => {
  await expect(choose(wish, { held: HELD })).rejects.toMatchObject({ code: 10002, message: expect.stringContaining(difference), fix: expect.stringContaining('--data-dir') });
});

test('a configuration that trades a symbol the held market does not list is refused', async () => {
  await expect(choose({}, { held: { ...HELD, symbols: ['BTCUSDT'] } })).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('symbols') });
});

test('a market that keeps pace with the clock cannot be sped up later', async () => {
  const held: MarketRecord = { source: 'synthetic', seed: 7, rebase: true, symbols: SYMBOLS.traded };
  await expect(choose({ source: 'synthetic', seed: 7, speed: 10 }, { held })).rejects.toMatchObject({ code: 10002, message: expect.stringContaining('its speed is "1"') });
});

test('the feed counts as answering only when it answers with success', async () => {
  const server = createServer((request, response) => response.writeHead(request.url === '/up' ? 200 : 403).end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await probeBybit(`http://127.0.0.1:${port}/up`)).toBe(true);
  expect(await probeBybit(`http://127.0.0.1:${port}/blocked`)).toBe(false);
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  expect(await probeBybit(`http://127.0.0.1:${port}/up`)).toBe(false);
});
