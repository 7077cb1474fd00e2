/** /v5/private: what happens to the account, for authenticated subscribers. Nothing is replayed after a reconnect. */
import { randomUUID } from 'node:crypto';
import type { ExchangeEvent } from '../../core/matching/contract.js';
import { streamExecution } from '../rows/execution-row.js';
import { streamOrder } from '../rows/order-row.js';
import { streamPosition } from '../rows/position-row.js';
import { restWallet } from '../rows/wallet-row.js';
import type { ApiKey } from '../server/api-keys.js';
import { authenticateSocket } from '../server/auth.js';
import { Refusal } from '../server/refusal.js';
import type { Connection } from './connection.js';
import type { ClientFrame } from './frame.js';

type DataTopic = 'order' | 'execution' | 'position' | 'wallet';
const DATA_TOPICS: readonly string[] = ['order', 'execution', 'position', 'wallet'];
/** known to Bybit, without data here */
const QUIET_TOPICS: readonly string[] = ['greeks', 'dcp.future'];

export interface PrivateTopicsOptions {
  keys: readonly ApiKey[];
  wallMs: () => number;
  ackDelayMs: number;
}

export class PrivateTopics {
  private readonly authenticated = new Set<Connection>();
  private readonly subscribers = new Map<string, Set<Connection>>();

  constructor(private readonly options: PrivateTopicsOptions) {}

  handle(frame: ClientFrame, connection: Connection): void {
    const answer = (success: boolean, message: string): void => {
      connection.send({ success, ret_msg: message, op: frame.op, conn_id: connection.id, req_id: frame.req_id }, this.options.ackDelayMs);
    };
    switch (frame.op) {
      case 'auth':
        return this.authenticate(frame, connection, answer);
      case 'ping':
        connection.send({ req_id: frame.req_id, op: 'pong', args: [String(this.options.wallMs())], conn_id: connection.id }, this.options.ackDelayMs);
        return;
      case 'subscribe':
        return this.subscribe(frame.args.map(String), connection, answer);
      case 'unsubscribe':
        for (const topic of frame.args) this.subscribers.get(String(topic))?.delete(connection);
        answer(true, '');
        return;
      default:
        answer(false, `error:unknown op ${frame.op}`);
    }
  }

  /** Pushes a batch of events to whoever subscribed, equal neighbours in one frame. */
  push(events: readonly ExchangeEvent[], atMs: number, delayMs: number): void {
    for (const { topic, rows } of grouped(events)) {
      for (const name of [topic, `${topic}.linear`]) {
        for (const connection of this.subscribers.get(name) ?? []) {
          connection.send({ id: randomUUID(), topic: name, creationTime: atMs, data: rows }, delayMs);
        }
      }
    }
  }

  leave(connection: Connection): void {
    this.authenticated.delete(connection);
    for (const known of this.subscribers.values()) known.delete(connection);
  }

  private authenticate(frame: ClientFrame, connection: Connection, answer: (success: boolean, message: string) => void): void {
    try {
      authenticateSocket(frame.args, { keys: this.options.keys, wallMs: this.options.wallMs() });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer(false, error.retMsg);
      return;
    }
    this.authenticated.add(connection);
    answer(true, '');
  }

  private subscribe(topics: readonly string[], connection: Connection, answer: (success: boolean, message: string) => void): void {
    if (!this.authenticated.has(connection)) return answer(false, 'Request not authorized');
    const bad = topics.find((topic) => !isPrivateTopic(topic));
    if (bad !== undefined || topics.length === 0) return answer(false, `error:handler not found,topic:${bad ?? ''}`);
    for (const topic of topics) {
      const known = this.subscribers.get(topic) ?? new Set();
      this.subscribers.set(topic, known.add(connection));
    }
    answer(true, '');
  }
}

function isPrivateTopic(topic: string): boolean {
  return QUIET_TOPICS.includes(topic) || DATA_TOPICS.includes(topic.replace(/\.linear$/, ''));
}

function grouped(events: readonly ExchangeEvent[]): { topic: DataTopic; rows: unknown[] }[] {
  const groups: { topic: DataTopic; rows: unknown[] }[] = [];
  for (const event of events) {
    const { topic, row } = shown(event);
    const last = groups.at(-1);
    if (last?.topic === topic) last.rows.push(row);
    else groups.push({ topic, rows: [row] });
  }
  return groups;
}

function shown(event: ExchangeEvent): { topic: DataTopic; row: unknown } {
  switch (event.kind) {
    case 'orderUpdated': return { topic: 'order', row: streamOrder(event.order) };
    case 'execution': return { topic: 'execution', row: streamExecution(event.execution) };
    case 'positionUpdated': return { topic: 'position', row: streamPosition(event.position) };
    case 'walletUpdated': return { topic: 'wallet', row: restWallet(event.wallet) };
  }
}
