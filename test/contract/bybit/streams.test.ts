import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Candle } from '../../../core/market/candle.js';
import type { AccountStreamHandlers, MarketStreamHandlers, StreamState } from '../../../core/ports/exchange.js';
import type { Execution, Order, Position, Wallet } from '../../../core/orders/order.js';
import { buy, MARKET_START_MS, MINUTE_MS, openVenue, rejectionOf, sell, type Venue } from './simulated-venue.js';

const QUICK = { pingIntervalMs: 200, pongTimeoutMs: 200, reconnectDelayMs: 50, maxReconnectDelayMs: 400, confirmTimeoutMs: 1_000 };

let venue: Venue;
beforeEach(async () => { venue = await openVenue({ adapter: { socketTimings: QUICK } }); });
afterEach(() => venue.stop());

function watcher() {
  const seen = { states: [] as StreamState[], failures: [] as Error[], candles: [] as Candle[], executions: [] as Execution[], orders: [] as Order[], positions: [] as Position[], wallets: [] as Wallet[] };
  const handlers: MarketStreamHandlers & AccountStreamHandlers = {
    candleClosed: (candle) => { seen.candles.push(candle); },
    executions: (executions) => { seen.executions.push(...executions); },
    orders: (orders) => { seen.orders.push(...orders); },
    positions: (positions) => { seen.positions.push(...positions); },
    wallet: (wallet) => { seen.wallets.push(wallet); },
    state: (state) => { seen.states.push(state); },
    failed: (error) => { seen.failures.push(error); },
  };
  return { ...seen, handlers };
}
type Watcher = ReturnType<typeof watcher>;

const connected = (seen: Watcher, times = 1): Promise<void> => vi.waitFor(() => { expect(seen.states.filter((state) => state === 'connected')).toHaveLength(times); }, { timeout: 5_000 });
const topics = [{ symbol: 'BTCUSDT', interval: '5' as const }, { symbol: 'ETHUSDT', interval: '15' as const }];

describe('the market stream', () => {
  it('tells each closed candle once, equal to the one REST serves', async () => {
    const seen = watcher();
    venue.exchange.openMarketStream(topics, seen.handlers);
    await connected(seen);
    await venue.advance(MARKET_START_MS + 30 * MINUTE_MS);
    await vi.waitFor(() => { expect(seen.candles).toHaveLength(8); });
    const streamed = seen.candles.filter(({ symbol }) => symbol === 'BTCUSDT');
    expect(streamed).toEqual(await venue.exchange.closedCandles({ symbol: 'BTCUSDT', interval: '5', fromMs: MARKET_START_MS, limit: 100 }));
    expect(seen.candles.filter(({ symbol }) => symbol === 'ETHUSDT')).toEqual(await venue.exchange.closedCandles({ symbol: 'ETHUSDT', interval: '15', fromMs: MARKET_START_MS, limit: 100 }));
    expect(seen.failures).toEqual([]);
  });

  it('comes back after the socket was dropped, and what it missed is served by REST', async () => {
    const seen = watcher();
    venue.exchange.openMarketStream(topics, seen.handlers);
    await connected(seen);
    await venue.fail({ kind: 'dropSocket', socket: 'public', limit: 1 });
    await venue.advance(MARKET_START_MS + 15 * MINUTE_MS);
    await connected(seen, 2);
    await venue.advance(MARKET_START_MS + 30 * MINUTE_MS);
    await vi.waitFor(() => { expect(seen.candles.some(({ symbol, startMs }) => symbol === 'BTCUSDT' && startMs === MARKET_START_MS + 25 * MINUTE_MS)).toBe(true); });
    expect(await venue.exchange.closedCandles({ symbol: 'BTCUSDT', interval: '5', fromMs: MARKET_START_MS, limit: 100 })).toHaveLength(6);
  });

  it('notices a socket that went silent and replaces it', async () => {
    const seen = watcher();
    venue.exchange.openMarketStream(topics, seen.handlers);
    await connected(seen);
    await venue.fail({ kind: 'silentSocket', socket: 'public', limit: 1, durationMs: 60_000 });
    await connected(seen, 2);
    expect(seen.states).toContain('reconnecting');
  });

  it('fails with 30004 for a topic that does not exist', async () => {
    const seen = watcher();
    venue.exchange.openMarketStream([{ symbol: 'NOSUCHUSDT', interval: '5' }], seen.handlers);
    await vi.waitFor(() => { expect(seen.failures).toMatchObject([{ code: 30004 }]); });
  });
});

describe('the account stream', () => {
  it('tells the fill, the order, the position with its stop, and the wallet', async () => {
    const seen = watcher();
    const stream = venue.exchange.openAccountStream(seen.handlers);
    await connected(seen);
    const order = buy();
    await venue.exchange.submitOrder(order);
    await vi.waitFor(() => {
      expect(seen.executions).toMatchObject([{ orderLinkId: order.orderLinkId, execType: 'Trade', qty: order.qty }]);
      expect(seen.orders.findLast(({ orderLinkId }) => orderLinkId === order.orderLinkId)?.status).toBe('Filled');
      expect(seen.positions.at(-1)).toMatchObject({ symbol: 'BTCUSDT', side: 'Buy', size: order.qty, stopLoss: '20000' });
      expect(seen.wallets.length).toBeGreaterThan(0);
    });
    expect(seen.failures).toEqual([]);
    expect(seen.executions).toEqual(await venue.exchange.executions({ fromMs: MARKET_START_MS }));
    expect(seen.wallets.at(-1)?.walletBalance).toBe((await venue.exchange.wallet()).walletBalance);
    expect(stream.lastMessageAtMs()).toBeGreaterThan(Date.now() - 10_000);
  });

  it('says reconnecting and connected, so that the missed fill is fetched by REST', async () => {
    const seen = watcher();
    venue.exchange.openAccountStream(seen.handlers);
    await connected(seen);
    await venue.fail({ kind: 'dropSocket', socket: 'private', limit: 1 });
    await venue.exchange.submitOrder(buy());
    await connected(seen, 2);
    expect(seen.states).toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
    await venue.exchange.submitOrder(sell());
    await vi.waitFor(() => { expect(seen.executions.map(({ side }) => side)).toContain('Sell'); });
    expect(await venue.exchange.executions({ fromMs: MARKET_START_MS })).toHaveLength(2);
  });

  it('fails with 30002 when the key is wrong', async () => {
    const seen = watcher();
    venue.connect({ secret: 'wrong' }).openAccountStream(seen.handlers);
    await vi.waitFor(() => { expect(seen.failures).toMatchObject([{ code: 30002 }]); });
    expect(seen.states.at(-1)).toBe('closed');
  });
});

describe('the trade socket', () => {
  const overSocket = (): number => exchangeCalls('order/create (socket)');
  let trader: Venue['exchange'];
  const exchangeCalls = (name: string): number => trader.apiStatistics().endpoints.find(({ endpoint }) => endpoint === name)?.calls ?? 0;

  /** Trades until an order went over the socket: it authenticates in its own time. */
  async function whenReady(): Promise<void> {
    trader = venue.connect({ orderTransport: 'socket', requestTimeoutMs: 400 });
    await vi.waitFor(async () => {
      await trader.submitOrder(buy());
      await trader.submitOrder(sell());
      expect(overSocket()).toBeGreaterThan(0);
    }, { timeout: 5_000 });
  }

  it('places orders and refuses them with the same codes as REST', async () => {
    await whenReady();
    expect(await rejectionOf(trader.submitOrder(sell()))).toMatchObject({ code: 20003, outcome: 'definite', foreignCode: '110017' });
    expect(await trader.positions()).toEqual([]);
  });

  it('whose answer is lost leaves the outcome unknown; the order is found by its link id', async () => {
    await whenReady();
    await venue.fail({ kind: 'delayReply', endpoint: '/v5/order/create', delayMs: 2_000, limit: 1 });
    const order = buy();
    expect(await rejectionOf(trader.submitOrder(order))).toMatchObject({ code: 20007, outcome: 'unknown' });
    expect(await trader.findOrder(order)).toMatchObject({ status: 'Filled' });
    expect(await trader.submitOrder(order)).toMatchObject({ alreadyKnown: true });
  });

  it('that drops during an order leaves the outcome unknown, and the next order goes another way', async () => {
    await whenReady();
    await venue.fail({ kind: 'dropSocket', socket: 'trade', limit: 1 });
    const order = buy();
    const outcome = await trader.submitOrder(order).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ outcome: 'unknown' });
    await venue.exchange.findOrder(order);
    expect(await trader.submitOrder(buy())).toMatchObject({ alreadyKnown: false });
  });
});
