import type { WsKey } from 'bybit-api';
import { describe, expect, it } from 'vitest';
import { createClientFactory } from '../../../../adapters/bybit/client-factory.js';
import { createClockCorrection } from '../../../../adapters/bybit/clock-correction.js';
import { createRedactor } from '../../../../adapters/bybit/errors/redactor.js';
import type { BybitMode } from '../../../../adapters/bybit/options.js';
import { BybitSocketClient, type SocketSettings } from '../../../../adapters/bybit/websocket.js';
import { KEY, rememberingLogger, SECRET } from './exchange-under-test.js';

const clock = createClockCorrection(() => 0);
const redact = createRedactor([]);

/** Shows the address that a socket would be opened at. */
class Probe extends BybitSocketClient {
  addressOf(wsKey: WsKey): Promise<string> {
    return this.getWsUrl(wsKey);
  }
}

function probe(settings: Partial<SocketSettings>): Probe {
  const timings = { pingIntervalMs: 1, pongTimeoutMs: 1, reconnectDelayMs: 1, maxReconnectDelayMs: 1, confirmTimeoutMs: 1 };
  return new Probe({ paperBaseUrl: undefined, timings, credentials: { key: KEY, secret: SECRET }, clock, logger: rememberingLogger(), redact, ...settings });
}

describe('the address of a mode', () => {
  it.each<[BybitMode, string]>([['live', 'https://api.bybit.com'], ['testnet', 'https://api-testnet.bybit.com'], ['demo', 'https://api-demo.bybit.com']])('%s sends its requests to %s', (mode, address) => {
    const connection = createClientFactory({
      mode, key: KEY, secret: SECRET, recvWindowMs: 5_000, requestTimeoutMs: 1_000, orderTransport: 'rest', logger: rememberingLogger(), now: () => 0,
    }, { clock, redact }).rest();
    expect(Reflect.get(connection.client, 'baseUrl')).toBe(address);
    connection.close();
  });

  it.each<[string, SocketSettings['credentials'], WsKey, string]>([
    ['live', {}, 'v5LinearPublic', 'wss://stream.bybit.com/v5/public/linear'],
    ['live', {}, 'v5Private', 'wss://stream.bybit.com/v5/private'],
    ['live', {}, 'v5PrivateTrade', 'wss://stream.bybit.com/v5/trade'],
    ['testnet', { testnet: true }, 'v5LinearPublic', 'wss://stream-testnet.bybit.com/v5/public/linear'],
    ['testnet', { testnet: true }, 'v5Private', 'wss://stream-testnet.bybit.com/v5/private'],
    ['demo', { demoTrading: true }, 'v5LinearPublic', 'wss://stream.bybit.com/v5/public/linear'],
    ['demo', { demoTrading: true }, 'v5Private', 'wss://stream-demo.bybit.com/v5/private'],
  ])('%s with %o opens %s at %s', async (_mode, credentials, wsKey, address) => {
    expect(await probe({ credentials: { key: KEY, secret: SECRET, ...credentials } }).addressOf(wsKey)).toBe(address);
  });

  it('paper is the same host for all sockets, and nothing for a socket it does not have', async () => {
    const paper = probe({ paperBaseUrl: 'ws://127.0.0.1:9000' });
    expect(await Promise.all((['v5LinearPublic', 'v5Private', 'v5PrivateTrade'] as const).map((wsKey) => paper.addressOf(wsKey))))
      .toEqual(['ws://127.0.0.1:9000/v5/public/linear', 'ws://127.0.0.1:9000/v5/private', 'ws://127.0.0.1:9000/v5/trade']);
    await expect(paper.addressOf('v5SpotPublic')).rejects.toThrow('paper mode has no socket');
  });

  it('is none after the client was shut down', async () => {
    const paper = probe({ paperBaseUrl: 'ws://127.0.0.1:9000' });
    paper.shutDown();
    await expect(paper.addressOf('v5Private')).rejects.toThrow('shut down');
  });
});
