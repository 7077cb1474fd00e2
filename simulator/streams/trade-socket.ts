/** /v5/trade: orders over a socket. Same handlers, quotas and faults as REST; replies carry the request's reqId. */
import { randomUUID } from 'node:crypto';
import type { Answer, PrivateRoute, RouteContext } from '../rest/route.js';
import type { RawParams } from '../rest/params.js';
import { findTradeOperation } from '../rest/routes.js';
import type { ApiKey } from '../server/api-keys.js';
import { authenticateSocket, checkWindow } from '../server/auth.js';
import type { RateLimits, RateState } from '../server/rate-limits.js';
import { isExecuted, rateHeaders, refusalAnswer, requirePermission, TOO_MANY_VISITS } from '../server/rest-dispatch.js';
import { Refusal } from '../server/refusal.js';
import type { Connection } from './connection.js';
import type { ClientFrame } from './frame.js';

export interface TradeSocketOptions {
  context: RouteContext;
  keys: readonly ApiKey[];
  rates: RateLimits;
  ackDelayMs: number;
}

interface Session {
  key: ApiKey | undefined;
  usedRequestIds: Set<string>;
}

const DEFAULT_RECV_WINDOW_MS = 5_000;
/** of one connection */
const REQUEST_IDS_MAX = 10_000;
const NO_RATE: RateState = { limit: 10, remaining: 10, resetMs: 0, exceeded: false };

export class TradeSocket {
  private readonly sessions = new Map<Connection, Session>();

  constructor(private readonly options: TradeSocketOptions) {}

  handle(frame: ClientFrame, connection: Connection): void {
    const session = this.sessions.get(connection) ?? { key: undefined, usedRequestIds: new Set() };
    this.sessions.set(connection, session);
    switch (frame.op) {
      case 'ping':
        connection.send({ retCode: 0, retMsg: 'OK', op: 'pong', data: [String(this.wallMs())], connId: connection.id, ...requestId(frame) }, this.options.ackDelayMs);
        return;
      case 'auth':
        connection.send({ ...this.authenticate(frame, session), op: 'auth', connId: connection.id, ...requestId(frame) }, this.options.ackDelayMs);
        return;
      default:
        this.operate(frame, session, connection);
    }
  }

  leave(connection: Connection): void {
    this.sessions.delete(connection);
  }

  private authenticate(frame: ClientFrame, session: Session): { retCode: number; retMsg: string } {
    if (session.key !== undefined) return { retCode: 20001, retMsg: 'Repeat auth' };
    try {
      session.key = authenticateSocket(frame.args, { keys: this.options.keys, wallMs: this.wallMs() });
    } catch (error) {
      const { retCode, retMsg } = refusalAnswer(error);
      return { retCode, retMsg };
    }
    return { retCode: 0, retMsg: 'OK' };
  }

  private operate(frame: ClientFrame, session: Session, connection: Connection): void {
    const route = findTradeOperation(frame.op);
    if (route === undefined) return this.reply(frame, connection, { answer: refused(10404, 'op type is not found'), rate: NO_RATE });
    try {
      const key = this.admit(frame, session, route);
      this.carryOut(frame, connection, { key, route });
    } catch (error) {
      this.reply(frame, connection, { answer: refusalAnswer(error), rate: NO_RATE });
    }
  }

  private admit(frame: ClientFrame, session: Session, route: PrivateRoute): ApiKey {
    if (session.key === undefined) throw new Refusal(10003, 'Request not authorized');
    if (frame.reqId !== '' && session.usedRequestIds.has(frame.reqId)) throw new Refusal(20006, 'Duplicate reqId');
    remember(session.usedRequestIds, frame.reqId);
    const recvWindow = frame.header['X-BAPI-RECV-WINDOW'];
    checkWindow(Number(frame.header['X-BAPI-TIMESTAMP']), recvWindow === undefined ? DEFAULT_RECV_WINDOW_MS : Number(recvWindow), this.wallMs());
    requirePermission(session.key, route);
    return session.key;
  }

  private carryOut(frame: ClientFrame, connection: Connection, operation: { key: ApiKey; route: PrivateRoute }): void {
    const { key, route } = operation;
    const rate = this.options.rates.take(route.path, this.wallMs());
    if (rate.exceeded) return this.reply(frame, connection, { answer: TOO_MANY_VISITS, rate });
    const fault = this.options.context.faults.forPrivateReply(route.path);
    const params = (frame.args[0] ?? {}) as RawParams;
    const answer = isExecuted(fault) ? route.handle(params, { ...this.options.context, key }) : refused(10016, 'Service error');
    switch (fault?.kind) {
      case undefined: return this.reply(frame, connection, { answer, rate });
      case 'delayReply': return this.reply(frame, connection, { answer, rate, delayMs: fault.delayMs });
      case 'retCode': return this.reply(frame, connection, { answer: refused(fault.retCode, fault.retMsg), rate });
      case 'dropReply':
      case 'httpStatus':
      case 'nonJson':
        connection.terminate();
    }
  }

  private reply(frame: ClientFrame, connection: Connection, outcome: { answer: Answer; rate: RateState; delayMs?: number }): void {
    const { answer, rate } = outcome;
    connection.send({
      reqId: frame.reqId, retCode: answer.retCode, retMsg: answer.retMsg, op: frame.op, data: answer.result, retExtInfo: {},
      header: { ...rateHeaders(rate, this.wallMs()), Traceid: randomUUID() }, connId: connection.id,
    }, outcome.delayMs ?? this.options.ackDelayMs);
  }

  private wallMs(): number {
    return this.options.context.wallMs();
  }
}

/** The oldest id is forgotten first. */
function remember(ids: Set<string>, id: string): void {
  const [oldest] = ids;
  if (ids.size >= REQUEST_IDS_MAX && oldest !== undefined) ids.delete(oldest);
  ids.add(id);
}

const refused = (retCode: number, retMsg: string): Answer => ({ retCode, retMsg, result: {} });

function requestId(frame: ClientFrame): { reqId?: string; req_id?: string } {
  return { ...(frame.reqId === '' ? {} : { reqId: frame.reqId }), ...(frame.req_id === '' ? {} : { req_id: frame.req_id }) };
}
