/**
 * The public WebSocket of the relayed exchange: one connection, re-opened with growing pauses, re-subscribed each time.
 *
 * Invariant: a connection that says nothing for SILENCE_MS_MAX is replaced; pings keep a quiet one talking.
 */
import { WebSocket } from 'ws';
import { rawText } from '../streams/raw-text.js';
import type { Logger } from '../../core/ports/logger.js';

export interface UpstreamFrame {
  topic: string;
  type: 'snapshot' | 'delta';
  ts: number;
  data: unknown;
}

const PING_EVERY_MS = 15_000;
const SILENCE_MS_MAX = 40_000;
const RECONNECT_MS_MIN = 500;
const RECONNECT_MS_MAX = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

export class UpstreamSocket {
  private socket: WebSocket | undefined;
  private readonly topics = new Set<string>();
  private pingTimer: NodeJS.Timeout | undefined;
  private reconnectTimer: NodeJS.Timeout | undefined;
  private failures = 0;
  private lastFrameMs = 0;
  private isClosed = false;

  constructor(private readonly baseUrl: string, private readonly onFrame: (frame: UpstreamFrame) => void, private readonly logger: Logger) {}

  open(): void {
    const socket = new WebSocket(`${this.baseUrl}/v5/public/linear`, { perMessageDeflate: false, handshakeTimeout: CONNECT_TIMEOUT_MS });
    this.socket = socket;
    socket.on('open', () => {
      this.lastFrameMs = Date.now();
      this.send({ op: 'subscribe', args: [...this.topics] });
      this.pingTimer = setInterval(() => this.checkAlive(), PING_EVERY_MS);
    });
    socket.on('message', (data) => this.receive(rawText(data)));
    socket.on('error', (error) => this.logger.warning('live market socket failed', { reason: error.message }));
    socket.on('close', () => this.reopenLater());
  }

  /** Subscribes; asking again for a known topic brings a fresh snapshot of it. */
  subscribe(topic: string): void {
    if (this.topics.has(topic)) this.send({ op: 'unsubscribe', args: [topic] });
    this.topics.add(topic);
    this.send({ op: 'subscribe', args: [topic] });
  }

  unsubscribe(topic: string): void {
    if (this.topics.delete(topic)) this.send({ op: 'unsubscribe', args: [topic] });
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.pingTimer);
    clearTimeout(this.reconnectTimer);
    this.socket?.terminate();
  }

  private send(frame: { op: string; args?: string[] }): void {
    if (this.socket?.readyState !== WebSocket.OPEN || frame.args?.length === 0) return;
    this.socket.send(JSON.stringify({ req_id: frame.op, ...frame }));
  }

  private receive(text: string): void {
    this.lastFrameMs = Date.now();
    this.failures = 0;
    let frame: Partial<UpstreamFrame> & { success?: boolean; ret_msg?: string };
    try {
      frame = JSON.parse(text) as typeof frame;
    } catch (error) {
      this.logger.warning('live market sent no JSON', { reason: error instanceof Error ? error.message : 'unknown' });
      return;
    }
    if (frame.success === false) this.logger.warning('live market refused a request', { reason: frame.ret_msg ?? '' });
    if (typeof frame.topic === 'string') this.onFrame(frame as UpstreamFrame);
  }

  private checkAlive(): void {
    if (Date.now() - this.lastFrameMs > SILENCE_MS_MAX) this.socket?.terminate();
    else this.send({ op: 'ping' });
  }

  private reopenLater(): void {
    clearInterval(this.pingTimer);
    if (this.isClosed) return;
    const waitMs = Math.min(RECONNECT_MS_MIN * 2 ** this.failures, RECONNECT_MS_MAX);
    this.failures += 1;
    this.logger.warning('live market is disconnected', { retryInMs: waitMs });
    this.reconnectTimer = setTimeout(() => this.open(), waitMs);
  }
}
