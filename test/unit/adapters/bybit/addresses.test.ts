import { describe, expect, it } from 'vitest';
import { createBybitExchange } from '../../../../adapters/bybit/exchange.js';
import type { BybitExchangeOptions } from '../../../../adapters/bybit/options.js';
import { isBotError } from '../../../../core/errors/bot-error.js';
import { KEY, SECRET, rememberingLogger } from './exchange-under-test.js';

function creationError(options: Partial<BybitExchangeOptions>): unknown {
  try {
    createBybitExchange({
      mode: 'paper', key: KEY, secret: SECRET, recvWindowMs: 5_000, requestTimeoutMs: 1_000, orderTransport: 'rest',
      logger: rememberingLogger(), now: () => Date.now(), ...options,
    });
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the address guard', () => {
  it.each<[string, string]>([
    ['http://api.bybit.com', 'ws://127.0.0.1:1'],
    ['https://api.bybit.com', 'wss://stream.bybit.com'],
    ['http://127.0.0.1:1', 'wss://stream.bybit.com'],
    ['http://127.0.0.1.example.com', 'ws://127.0.0.1:1'],
    ['http://localhost.example.com:1', 'ws://127.0.0.1:1'],
    ['http://127.0.0.1@example.com', 'ws://127.0.0.1:1'],
    ['http://user@127.0.0.1:1', 'ws://127.0.0.1:1'],
    ['http://0.0.0.0:1', 'ws://127.0.0.1:1'],
    ['http://10.0.0.1:1', 'ws://10.0.0.1:1'],
    ['not an address', 'ws://127.0.0.1:1'],
  ])('refuses %s with %s in paper mode', (restUrl, wsUrl) => {
    expect(creationError({ restUrl, wsUrl })).toMatchObject({ code: 10002 });
  });

  it('refuses paper mode without an address', () => {
    expect(creationError({})).toMatchObject({ code: 10002 });
  });

  it.each<[string, string]>([['http://127.0.0.1:9000', 'ws://127.0.0.1:9000'], ['http://localhost:9000/', 'ws://localhost:9000/'], ['http://[::1]:9000', 'ws://[::1]:9000']])('takes %s in paper mode', (restUrl, wsUrl) => {
    expect(creationError({ restUrl, wsUrl })).toBeUndefined();
  });

  it.each(['live', 'demo', 'testnet'] as const)('refuses any address in mode %s instead of ignoring it', (mode) => {
    expect(creationError({ mode, restUrl: 'http://127.0.0.1:9000' })).toMatchObject({ code: 10002 });
    expect(creationError({ mode, wsUrl: 'ws://127.0.0.1:9000' })).toMatchObject({ code: 10002 });
  });

  it('says what to do, without the key', () => {
    const error = creationError({ restUrl: 'http://api.bybit.com', wsUrl: 'ws://127.0.0.1:1' });
    expect(isBotError(error) && error.fix).toContain('restUrl');
    expect(JSON.stringify(error) + String(error)).not.toMatch(new RegExp(`${KEY}|${SECRET}`));
  });
});
