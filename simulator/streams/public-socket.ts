/** /v5/public/linear: subscriptions to market topics. */
import type { Connection } from './connection.js';
import type { ClientFrame } from './frame.js';
import type { PublicMarket } from '../market/public-market.js';

export class PublicTopics {
  private readonly subscribers = new Map<string, Set<Connection>>();

  constructor(private readonly market: PublicMarket, private readonly ackDelayMs: number) {
    market.onFrame((frame) => {
      for (const connection of this.subscribers.get(frame.topic) ?? []) connection.send(frame);
    });
  }

  handle(frame: ClientFrame, connection: Connection): void {
    const answer = (success: boolean, message: string): void => {
      connection.send({ success, ret_msg: message, conn_id: connection.id, req_id: frame.req_id, op: frame.op }, this.ackDelayMs);
    };
    const topics = frame.args.map(String);
    switch (frame.op) {
      case 'ping':
        answer(true, 'pong');
        return;
      case 'subscribe': {
        const bad = topics.find((topic) => !this.market.isTopic(topic));
        if (bad !== undefined || topics.length === 0) {
          answer(false, `error:handler not found,topic:${bad ?? ''}`);
          return;
        }
        answer(true, '');
        for (const topic of topics) this.add(topic, connection);
        return;
      }
      case 'unsubscribe':
        for (const topic of topics) this.remove(topic, connection);
        answer(true, '');
        return;
      default:
        answer(false, `error:unknown op ${frame.op}`);
    }
  }

  leave(connection: Connection): void {
    for (const topic of [...this.subscribers.keys()]) this.remove(topic, connection);
  }

  private add(topic: string, connection: Connection): void {
    const known = this.subscribers.get(topic) ?? new Set();
    this.subscribers.set(topic, known);
    const first = this.market.subscribe(topic);
    if (first !== undefined) connection.send(first, this.ackDelayMs);
    known.add(connection);
  }

  private remove(topic: string, connection: Connection): void {
    const known = this.subscribers.get(topic);
    if (known === undefined || !known.delete(connection) || known.size > 0) return;
    this.subscribers.delete(topic);
    this.market.unsubscribe(topic);
  }
}
