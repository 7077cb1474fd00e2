/** The live market, with a second simulator in the place of the real exchange. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeLiveMarket } from '../../../simulator/market/upstream-rest.js';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import type { SimulatorOptionsInput } from '../../../simulator/options.js';
import { RawClient, RawSocket, rowsOf, sends } from './client.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
let upstream: Simulator;
let relay: Simulator;
let client: RawClient;

const startRelay = (more: SimulatorOptionsInput = {}): Promise<Simulator> => startSimulator({
  market: 'live', symbols: ['BTCUSDT'], keys: [TRADER], rateLimitScale: 0, upstreamRestUrl: upstream.url, upstreamWsUrl: upstream.wsUrl, ...more,
});

beforeEach(async () => {
  upstream = await startSimulator({ market: 'synthetic', seed: 11, rebase: true, rateLimitScale: 0 });
  relay = await startRelay();
  client = new RawClient(relay.url, TRADER);
});
afterEach(async () => {
  await relay.close();
  await upstream.close();
});

const last = async (url: string): Promise<string | undefined> =>
  (await new RawClient(url, TRADER).getPublic<{ list: { lastPrice: string }[] }>('/v5/market/tickers?category=linear&symbol=BTCUSDT')).result.list[0]?.lastPrice;

describe('the live relay', () => {
  it('says what it is, and serves the upstream\'s instruments and candles', async () => {
    expect(relay.status()).toMatchObject({ market: 'live', lockStep: false, finished: false });
    for (const path of ['instruments-info?category=linear&symbol=BTCUSDT', 'kline?category=linear&symbol=BTCUSDT&interval=60&limit=5&end=1']) {
      const [there, here] = [await new RawClient(upstream.url, TRADER).getPublic(`/v5/market/${path}`), await client.getPublic(`/v5/market/${path}`)];
      expect(here.result).toEqual(there.result);
    }
  });

  it('passes the upstream\'s frames on to its own subscribers', async () => {
    const socket = await RawSocket.open(`${relay.wsUrl}/v5/public/linear`);
    socket.send({ op: 'subscribe', req_id: 's', args: ['kline.5.BTCUSDT', 'tickers.BTCUSDT', 'orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT'] });
    for (const topic of ['kline.5.BTCUSDT', 'tickers.BTCUSDT', 'orderbook.50.BTCUSDT', 'publicTrade.BTCUSDT']) await socket.frame((frame) => frame.topic === topic);
    expect(socket.frames.find((frame) => frame.topic === 'orderbook.50.BTCUSDT')).toMatchObject({ type: 'snapshot' });
  });

  it('fills orders at the upstream\'s price and triggers a stop when the upstream falls through it', async () => {
    const price = Number(await last(upstream.url));
    const socket = await RawSocket.authenticated(`${relay.wsUrl}/v5/private`, TRADER);
    socket.send({ op: 'subscribe', req_id: 's', args: ['execution'] });
    await socket.frame((frame) => frame['req_id'] === 's');
    expect((await client.order({ qty: '0.01', orderLinkId: 'live', stopLoss: String(Math.round(price * 0.97)) })).retCode).toBe(0);
    const entry = await socket.frame((frame) => frame.topic === 'execution');
    expect(Number(rowsOf(entry)[0]?.['execPrice']) / price).toBeCloseTo(1, 2);
    await sends(upstream.url, '/sim/jump', { symbol: 'BTCUSDT', price: String(Math.round(price * 0.95)) });
    const stopped = await socket.frame((frame) => frame.topic === 'execution' && rowsOf(frame).some((row) => row['stopOrderType'] === 'StopLoss'));
    expect(Number(rowsOf(stopped)[0]?.['execPrice'])).toBeLessThan(price * 0.97);
  });

  it('takes up the feed again after the upstream cut it', async () => {
    await sends(upstream.url, '/sim/faults', { rules: [{ kind: 'dropSocket', socket: 'public', limit: 1 }] });
    await expect.poll(async () => {
      const { rules } = (await sends(upstream.url, '/sim/faults', undefined, 'GET')).body as { rules: { fired: number }[] };
      return rules[0]?.fired;
    }, { timeout: 20_000 }).toBe(1);
    const target = String(Math.round(Number(await last(upstream.url)) * 1.02));
    await expect.poll(async () => {
      await sends(upstream.url, '/sim/jump', { symbol: 'BTCUSDT', price: target });
      return last(relay.url);
    }, { timeout: 20_000 }).toBe(target);
  });

  it('keeps its account over a restart', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'sim-live-'));
    const first = await startRelay({ stateDir });
    await new RawClient(first.url, TRADER).order({ orderLinkId: 'kept', qty: '0.01' });
    await first.close();
    const second = await startRelay({ stateDir });
    expect((await new RawClient(second.url, TRADER).order({ orderLinkId: 'kept' })).retCode).toBe(110072);
    await second.close();
  });

  it('refuses to start with 40004 when nobody answers, and the probe says so', async () => {
    expect(await probeLiveMarket(upstream.url)).toBe(true);
    const dead = await startSimulator({ speed: 'max' });
    await dead.close();
    expect(await probeLiveMarket(dead.url)).toBe(false);
    await expect(startSimulator({ market: 'live', symbols: ['BTCUSDT'], upstreamRestUrl: dead.url, upstreamWsUrl: dead.wsUrl })).rejects.toMatchObject({ code: 40004 });
  });
});
