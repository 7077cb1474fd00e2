/**
 * One accepted WebSocket. Frames leave in the order they were queued, each no earlier than its own delay.
 *
 * Invariants
 * 1. An acknowledgement never leaves in the same tick as its request: some clients store what they wait for only after
 *    they have sent it.
 * 2. A silent socket (injected fault) sends nothing, not even a pong, and answers nothing.
 */
import type { WebSocket } from 'ws';
import type { FaultInjector, SocketKind } from '../faults/fault-injector.js';

interface Queued {
  text: string;
  dueMs: number;
}

export interface ConnectionOptions {
  kind: SocketKind;
  id: string;
  faults: FaultInjector;
  /** cut when nothing came in for this long; undefined: never */
  idleMs: number | undefined;
}

const BUFFERED_BYTES_MAX = 64_000_000;

export class Connection {
  private readonly queue: Queued[] = [];
  private timer: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private silentUntilMs = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly socket: WebSocket, readonly options: ConnectionOptions) {
    socket.on('ping', (data) => {
      if (this.isAlive()) socket.pong(data);
    });
    this.noteActivity();
  }

  get id(): string {
    return this.options.id;
  }

  /** Restarts the idle time; false: the frame must be ignored. */
  accepts(): boolean {
    this.noteActivity();
    return this.isAlive();
  }

  send(frame: unknown, delayMs = 0): void {
    const dueMs = Math.max(Date.now() + delayMs, this.queue.at(-1)?.dueMs ?? 0);
    this.queue.push({ text: JSON.stringify(frame), dueMs });
    this.flushDue();
  }

  /** Resolves when everything queued has left. */
  drained(): Promise<void> {
    return this.queue.length === 0 ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  terminate(): void {
    this.socket.terminate();
  }

  /** Releases timers after the socket closed. */
  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.idleTimer);
    this.queue.length = 0;
    this.resolveWaiting();
  }

  private flushDue(): void {
    if (this.timer !== undefined) return;
    const now = Date.now();
    while ((this.queue[0]?.dueMs ?? Infinity) <= now) this.write(this.queue.shift()?.text ?? '');
    const next = this.queue[0];
    if (next === undefined) {
      this.resolveWaiting();
      return;
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flushDue();
    }, next.dueMs - now);
  }

  private write(text: string): void {
    if (!this.isAlive() || this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      this.terminate();
      return;
    }
    this.socket.send(text);
  }

  private isAlive(): boolean {
    const fault = this.options.faults.forSocket(this.options.kind);
    if (fault?.kind === 'dropSocket') this.terminate();
    if (fault?.kind === 'silentSocket') this.silentUntilMs = Date.now() + fault.durationMs;
    return fault?.kind !== 'dropSocket' && Date.now() >= this.silentUntilMs;
  }

  private noteActivity(): void {
    const { idleMs } = this.options;
    if (idleMs === undefined) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.socket.close(), idleMs).unref();
  }

  private resolveWaiting(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
