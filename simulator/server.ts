/**
 * The simulated exchange as one running thing: market, engine, journal, HTTP and sockets on one loopback port.
 * `startSimulator` is what the process, the embedded stack and the tests of others use.
 */
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { BotError } from '../core/errors/bot-error.js';
import type { ExchangeOptions } from '../core/matching/contract.js';
import type { Logger } from '../core/ports/logger.js';
import { AdminSurface, type MarketStatus } from './admin/admin-surface.js';
import { engineFactory } from './exchange/engine.js';
import { identityOf, listedInstruments } from './exchange/market-setup.js';
import { openMarket, type RunningMarket } from './exchange/running-market.js';
import { SimulatedExchange } from './exchange/simulated-exchange.js';
import { FaultInjector } from './faults/fault-injector.js';
import { claimStateFolder } from './journal/identity.js';
import { Journal } from './journal/journal.js';
import { parseSimulatorOptions, type SimulatorOptions, type SimulatorOptionsInput } from './options.js';
import { ownKey, type ApiKey } from './server/api-keys.js';
import { createHttpListener } from './server/http-listener.js';
import { RateLimits } from './server/rate-limits.js';
import type { DispatchContext } from './server/rest-dispatch.js';
import { silentLogger } from './server/silent-logger.js';
import { PrivateTopics } from './streams/private-socket.js';
import { PublicTopics } from './streams/public-socket.js';
import { SocketServer } from './streams/socket-server.js';
import { TradeSocket } from './streams/trade-socket.js';

export interface Simulator {
  /** http://127.0.0.1:PORT */
  url: string;
  /** ws://127.0.0.1:PORT */
  wsUrl: string;
  port: number;
  /** the first key; `isNew` when it was made by this start */
  key: ApiKey & { isNew: boolean };
  status(): MarketStatus;
  close(): Promise<void>;
}

/** Rejects with BotError: 10002 options or state folder, 20002 symbol, 400xx data, 10006 port taken. */
export async function startSimulator(input: SimulatorOptionsInput = {}, logger: Logger = silentLogger): Promise<Simulator> {
  const options = parseSimulatorOptions(input);
  const instruments = await listedInstruments(options);
  const identity = identityOf(options, Date.now());
  const remembered = options.stateDir === undefined ? identity : claimStateFolder(options.stateDir, identity);
  const { keys, isNew } = keysOf(options);
  const journal = options.stateDir === undefined ? undefined : new Journal(options.stateDir, options.entriesPerSnapshot);
  const exchange = new SimulatedExchange(engineFactory(engineOptions(options, instruments)), instruments, journal);
  const running = await openMarket({ options, identity: remembered, exchange, logger });
  const parts = assemble({ options, keys, exchange, running, logger });
  const port = await listen(parts.http, options);
  running.start();
  const [first] = keys;
  if (first === undefined) throw new BotError(10005, 'The simulated exchange has no key');
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    key: { ...first, isNew },
    status: running.status,
    close: async () => {
      await running.stop();
      parts.sockets.close();
      await closeServer(parts.http);
      exchange.close();
    },
  };
}

function keysOf(options: SimulatorOptions): { keys: ApiKey[]; isNew: boolean } {
  if (options.keys !== undefined) return { keys: options.keys, isNew: false };
  const { key, isNew } = ownKey(options.stateDir);
  return { keys: [key], isNew };
}

function engineOptions(options: SimulatorOptions, instruments: ExchangeOptions['instruments']): Partial<ExchangeOptions> {
  const partialFills = options.partialFillParts === undefined ? null : { seed: options.seed, maxParts: options.partialFillParts };
  return { instruments, startingBalance: options.balance, partialFills };
}

interface Parts {
  options: SimulatorOptions;
  keys: ApiKey[];
  exchange: SimulatedExchange;
  running: RunningMarket;
  logger: Logger;
}

function assemble({ options, keys, exchange, running, logger }: Parts): { http: Server; sockets: SocketServer } {
  const faults = new FaultInjector(options.faults);
  const rates = new RateLimits(options.rateLimitScale);
  const wallMs = (): number => Date.now();
  const historyLagMs = (): number => Math.max(options.historyLagMs, faults.historyLagMs());
  const context: DispatchContext = { exchange, market: running.market, faults, wallMs, historyLagMs, keys, rates };
  const { ackDelayMs } = options;
  const privateTopics = new PrivateTopics({ keys, wallMs, ackDelayMs });
  exchange.listen({
    happened: (events, origin) => privateTopics.push(events, exchange.clock().atMs, origin === 'client' ? 2 * ackDelayMs : 0),
  });
  const admin = new AdminSurface({
    exchange, faults, status: running.status, publish: () => running.publish(),
    advance: async (untilMs) => {
      const isLockStep = await running.advance(untilMs);
      await sockets.drained();
      return isLockStep;
    },
  });
  const http = createHttpListener({ context, admin, logger });
  const sockets: SocketServer = new SocketServer(http, {
    handlers: { public: new PublicTopics(running.market, ackDelayMs), private: privateTopics, trade: new TradeSocket({ context, keys, rates, ackDelayMs }) },
    faults, logger, ackDelayMs, idleMs: options.socketIdleMs,
  });
  return { http, sockets };
}

async function listen(http: Server, options: SimulatorOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(new BotError(10006, `The simulated exchange cannot listen on ${options.host}:${options.port} (${error.code ?? error.message})`, {
      fix: 'Choose another port with --port, or 0 for a free one', foreignCode: error.code ?? '', cause: error,
    })));
    http.listen(options.port, options.host, resolve);
  });
  return (http.address() as AddressInfo).port;
}

function closeServer(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
}

