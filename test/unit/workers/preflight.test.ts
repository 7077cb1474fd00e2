import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBybitExchange } from '../../../adapters/bybit/exchange.js';
import { loadConfiguration, type Configuration } from '../../../config/load.js';
import { startSimulator, type Simulator } from '../../../simulator/server.js';
import { preflight } from '../../../workers/preflight.js';
import { silentLogger } from '../../support/silent-logger.js';

const FROM_MS = Date.UTC(2026, 0, 5);
const SECRET = 'a-secret-of-the-test';
const TRADING = { ContractTrade: ['Order', 'Position'], Wallet: [] };
const KEYS = [
  { key: 'trading', secret: SECRET, permissions: TRADING },
  { key: 'reading', secret: SECRET, readOnly: true, permissions: TRADING },
  { key: 'half', secret: SECRET, permissions: { ContractTrade: ['Order'], Wallet: [] } },
  { key: 'withdrawing', secret: SECRET, permissions: { ...TRADING, Wallet: ['AccountTransfer', 'Withdraw'] } },
];
const HOUR_MS = 3_600_000;

describe('the checks before a bot touches an account', () => {
  let simulator: Simulator;
  let configuration: Configuration;
  beforeAll(async () => {
    configuration = await loadConfiguration(new URL('../../../config/default.json', import.meta.url).pathname);
    simulator = await startSimulator({ market: 'synthetic', speed: 'max', fromMs: FROM_MS, toMs: FROM_MS + HOUR_MS, rateLimitScale: 0, keys: KEYS });
  });
  afterAll(() => simulator.close());

  async function check(key: string, changed: Partial<Configuration> = {}): Promise<void> {
    const exchange = createBybitExchange({
      mode: 'paper', restUrl: simulator.url, wsUrl: simulator.wsUrl, key, secret: SECRET, recvWindowMs: 5_000, requestTimeoutMs: 2_000,
      orderTransport: 'rest', logger: silentLogger, now: Date.now,
    });
    try {
      await preflight(exchange, { ...configuration, ...changed });
    } finally {
      await exchange.close();
    }
  }

  const listing = (symbol: string, enabled: boolean): Partial<Configuration> =>
    ({ strategies: configuration.strategies.map((strategy, index) => (index === 0 ? { ...strategy, symbol, enabled } : strategy)) });

  it('pass for a key that may trade and no more', async () => {
    await expect(check('trading')).resolves.toBeUndefined();
  });

  it.each([
    { key: 'reading', says: /read-only/ },
    { key: 'half', says: /ContractTrade lacks Position/ },
  ])('refuse the key $key, which may not trade (30010)', async ({ key, says }) => {
    await expect(check(key)).rejects.toMatchObject({ code: 30010, message: expect.stringMatching(says) as string });
  });

  it('refuse a key that the exchange does not know (30002), and name the variables it came from', async () => {
    await expect(check('mistyped')).rejects.toMatchObject({ code: 30002, foreignCode: '10003', fix: expect.stringContaining('BYBIT_API_KEY') as string });
  });

  it('refuse a key that may withdraw (10005), and never say its secret', async () => {
    const error: unknown = await check('withdrawing').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 10005, fix: expect.stringContaining('without the Withdraw permission') as string });
    expect(`${JSON.stringify(error)} ${String(error)} ${(error as Error).stack ?? ''}`).not.toContain(SECRET);
  });

  it('refuse a symbol that the exchange does not list (20002), unless its strategy is disabled', async () => {
    await expect(check('trading', listing('NOSUCHUSDT', true))).rejects.toMatchObject({ code: 20002, message: 'the exchange does not list NOSUCHUSDT' });
    await expect(check('trading', listing('NOSUCHUSDT', false))).resolves.toBeUndefined();
  });
});
