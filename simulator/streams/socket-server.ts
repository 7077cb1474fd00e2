/** The WebSocket side of the port: accepts the three linear paths, whatever the query and origin, and routes frames. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Logger } from '../../core/ports/logger.js';
import type { FaultInjector, SocketKind } from '../faults/fault-injector.js';
import { Connection } from './connection.js';
import { parseFrame, type ClientFrame } from './frame.js';
import { rawText } from './raw-text.js';

export interface FrameHandler {
  handle(frame: ClientFrame, connection: Connection): void;
  leave(connection: Connection): void;
}

export interface SocketServerOptions {
  handlers: Record<SocketKind, FrameHandler>;
  faults: FaultInjector;
  logger: Logger;
  ackDelayMs: number;
  /** of private and trade sockets; Bybit: 10 minutes, or max_active_time of the URL */
  idleMs: number;
}

const KIND_OF_PATH: Readonly<Record<string, SocketKind>> = { '/v5/public/linear': 'public', '/v5/private': 'private', '/v5/trade': 'trade' };
const FRAME_BYTES_MAX = 1_000_000;

export class SocketServer {
  private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false, maxPayload: FRAME_BYTES_MAX });
  private readonly connections = new Set<Connection>();

  constructor(http: Server, private readonly options: SocketServerOptions) {
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.upgrade(request, socket, head));
  }

  /** Resolves when every queued frame has left. */
  async drained(): Promise<void> {
    await Promise.all([...this.connections].map((connection) => connection.drained()));
  }

  close(): void {
    for (const connection of this.connections) connection.terminate();
    this.server.close();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://loopback');
    const kind = KIND_OF_PATH[url.pathname];
    if (kind === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const idleMs = kind === 'public' ? undefined : activeTimeMs(url.searchParams.get('max_active_time')) ?? this.options.idleMs;
    this.server.handleUpgrade(request, socket, head, (accepted) => this.accept(accepted, kind, idleMs));
  }

  private accept(socket: WebSocket, kind: SocketKind, idleMs: number | undefined): void {
    const connection = new Connection(socket, { kind, id: randomUUID(), faults: this.options.faults, idleMs });
    const handler = this.options.handlers[kind];
    this.connections.add(connection);
    socket.on('message', (data) => this.receive(data, connection, handler));
    socket.on('error', (error) => this.options.logger.warning('socket failed', { kind, reason: error.message }));
    socket.on('close', () => {
      handler.leave(connection);
      this.connections.delete(connection);
      connection.dispose();
    });
  }

  private receive(data: RawData, connection: Connection, handler: FrameHandler): void {
    if (!connection.accepts()) return;
    const frame = parseFrame(rawText(data));
    if (frame === undefined) {
      connection.send({ success: false, ret_msg: 'error:invalid request', conn_id: connection.id, req_id: '', op: '' }, this.options.ackDelayMs);
      return;
    }
    handler.handle(frame, connection);
  }
}

/** 30s to 600s; anything else is ignored */
function activeTimeMs(text: string | null): number | undefined {
  const seconds = Number(/^(\d{2,3})s$/.exec(text ?? '')?.[1]);
  return seconds >= 30 && seconds <= 600 ? seconds * 1_000 : undefined;
}
