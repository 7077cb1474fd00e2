/** Lock-step and replay: time moves only when told, and the account sees the recorded market, funding and mark included. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import type { SimulatorOptionsInput } from '../../../simulator/options.js';
import { RawClient, sends } from './client.js';
import { FIRST_MS, HOUR_MS, STEP_MS, waveFolder, waveRows } from './market-data.js';

const TRADER = { key: 'trader-key', secret: 'trader-secret' };
/** ten minutes before the second funding instant */
const FROM_MS = FIRST_MS + 8 * HOUR_MS - 2 * STEP_MS;
let simulator: Simulator;
let client: RawClient;

async function start(more: SimulatorOptionsInput = {}): Promise<void> {
  simulator = await startSimulator({ market: 'replay', data: await waveFolder(), symbols: ['BTCUSDT'], speed: 'max', fromMs: FROM_MS, keys: [TRADER], rateLimitScale: 0, ...more });
  client = new RawClient(simulator.url, TRADER);
}
beforeEach(() => start());
afterEach(() => simulator.close());

const advanceTo = async (until: number): Promise<unknown> => (await sends(simulator.url, '/sim/advance', { until })).body;
const klines = async (query: string): Promise<string[][]> => (await client.getPublic<{ list: string[][] }>(`/v5/market/kline?category=linear&symbol=BTCUSDT&${query}`)).result.list;

describe('lock-step', () => {
  it('stands still until it is advanced, and advancing to the past does nothing', async () => {
    expect(simulator.status()).toMatchObject({ market: 'replay', lockStep: true, speed: 'max', marketMs: FROM_MS, finished: false });
    expect(await advanceTo(FROM_MS + STEP_MS)).toEqual({ marketMs: FROM_MS + STEP_MS, finished: false });
    const before = (await sends(simulator.url, '/sim/book', undefined, 'GET')).body;
    expect(await advanceTo(FROM_MS)).toEqual({ marketMs: FROM_MS + STEP_MS, finished: false });
    expect((await sends(simulator.url, '/sim/book', undefined, 'GET')).body).toEqual(before);
  });

  it('fills at the standing price and at the standing instant', async () => {
    await client.order({ orderLinkId: 'still' });
    const fills = await client.get<{ list: { execTime: string; execPrice: string }[] }>('/v5/execution/list', 'category=linear&symbol=BTCUSDT');
    const open = Number(waveRows(600)[(FROM_MS - FIRST_MS) / STEP_MS]?.split(',')[1]);
    expect(fills.result.list[0]).toMatchObject({ execTime: String(FROM_MS) });
    expect(Math.abs(Number(fills.result.list[0]?.execPrice) - open)).toBeLessThan(open * 0.001);
  });

  it('is over after the last candle and stays there', async () => {
    const endMs = FIRST_MS + 600 * STEP_MS;
    expect(await advanceTo(endMs + HOUR_MS)).toEqual({ marketMs: endMs, finished: true });
    expect((await klines('interval=5&limit=1'))[0]?.[0]).toBe(String(endMs - STEP_MS));
    expect(await advanceTo(endMs + 2 * HOUR_MS)).toEqual({ marketMs: endMs, finished: true });
  });

  it('gives the identical book twice for the same requests', async () => {
    const run = async (): Promise<unknown> => {
      for (let step = 1; step <= 12; step += 1) {
        await client.order({ orderLinkId: `same-${step}`, side: step % 2 === 0 ? 'Sell' : 'Buy', qty: '0.02', ...(step % 3 === 0 ? { stopLoss: '' } : {}) });
        await advanceTo(FROM_MS + step * STEP_MS);
      }
      return (await sends(simulator.url, '/sim/book', undefined, 'GET')).body;
    };
    const first = await run();
    await simulator.close();
    await start();
    expect(await run()).toEqual(first);
  });

  it('refuses to be advanced when it runs by itself', async () => {
    await simulator.close();
    await start({ speed: 50 });
    expect((await sends(simulator.url, '/sim/advance', { until: FROM_MS + HOUR_MS })).status).toBe(409);
    await expect.poll(() => simulator.status().marketMs, { timeout: 20_000 }).toBeGreaterThan(FROM_MS + 30_000);
  });
});

describe('replay', () => {
  it('serves the history before the start, newest first, with the forming candle on top and nothing of the future', async () => {
    const five = await klines('interval=5&limit=1000');
    expect(five[0]?.[0]).toBe(String(FROM_MS));
    expect(five).toHaveLength((FROM_MS - FIRST_MS) / STEP_MS + 1);
    expect(five[1]?.slice(0, 6)).toEqual(waveRows(600)[(FROM_MS - FIRST_MS) / STEP_MS - 1]?.split(','));
  });

  it('derives hours from five minutes: first open, extremes, last close, summed volume, estimated turnover', async () => {
    await advanceTo(FIRST_MS + 9 * HOUR_MS);
    const hour = (await klines(`interval=60&limit=5`)).find((row) => row[0] === String(FIRST_MS + 8 * HOUR_MS));
    const parts = waveRows(600).slice(96, 108).map((row) => row.split(',').map(Number));
    const turnover = parts.reduce((sum, [, open = 0, high = 0, low = 0, close = 0, volume = 0]) => sum + (volume * (open + high + low + close)) / 4, 0);
    expect(hour?.slice(1, 6).map(Number)).toEqual([
      parts[0]?.[1], Math.max(...parts.map((row) => row[2] ?? 0)), Math.min(...parts.map((row) => row[3] ?? 0)), parts[11]?.[4], parts.reduce((sum, row) => sum + (row[5] ?? 0), 0),
    ]);
    expect(Number(hour?.[6])).toBeCloseTo(turnover, 2);
  });

  it('lets an hour form out of the five minute candles so far', async () => {
    await advanceTo(FIRST_MS + 8 * HOUR_MS + 2 * STEP_MS);
    const [forming] = await klines('interval=60&limit=1');
    const parts = waveRows(600).slice(96, 98).map((row) => row.split(',').map(Number));
    expect(forming?.slice(0, 3).map(Number)).toEqual([FIRST_MS + 8 * HOUR_MS, parts[0]?.[1], Math.max(...parts.map((row) => row[2] ?? 0))]);
    expect(Number(forming?.[4])).toBe(parts[1]?.[4]);
  });

  it('charges the recorded funding rate on the recorded mark price, once', async () => {
    await client.order({ qty: '0.1', orderLinkId: 'holder' });
    await advanceTo(FIRST_MS + 8 * HOUR_MS);
    const log = await client.get<{ list: { type: string; funding: string; tradePrice: string }[] }>('/v5/account/transaction-log', 'accountType=UNIFIED&type=SETTLEMENT');
    const mark = Number(waveRows(600)[96]?.split(',')[1]) + 10;
    expect(log.result.list).toHaveLength(1);
    expect(Number(log.result.list[0]?.funding)).toBeCloseTo(-0.1 * mark * 0.0002, 8);
    const history = await client.getPublic<{ list: { fundingRate: string; fundingRateTimestamp: string }[] }>('/v5/market/funding/history?category=linear&symbol=BTCUSDT&limit=1');
    expect(history.result.list).toMatchObject([{ fundingRate: '0.0002', fundingRateTimestamp: String(FIRST_MS + 8 * HOUR_MS) }]);
  });

  it('moves recorded history to now with rebase', async () => {
    await simulator.close();
    await start({ speed: 1, rebase: true });
    const [forming, previous] = await klines('interval=5&limit=2');
    expect(Math.abs(Number(forming?.[0]) - Date.now())).toBeLessThan(2 * STEP_MS);
    expect(previous?.slice(1, 6)).toEqual(waveRows(600)[(FROM_MS - FIRST_MS) / STEP_MS - 1]?.split(',').slice(1));
  });
});
