/** A Bybit client in the raw: its own signing, bytes as given, nothing retried. Talks to a simulator or to Bybit alike. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface Credentials {
  key: string;
  secret: string;
}

export interface Answer<Result = Record<string, never>> {
  status: number;
  headers: Headers;
  retCode: number;
  retMsg: string;
  result: Result;
  retExtInfo: unknown;
  time: number;
}

export interface SignedOptions {
  /** the body or query is signed as this text and sent as this text */
  raw?: string;
  timestamp?: number;
  recvWindow?: number;
  signature?: string;
}

export class RawClient {
  constructor(readonly url: string, readonly credentials: Credentials) {}

  async getPublic<Result>(path: string, init: RequestInit = {}): Promise<Answer<Result>> {
    return this.read(await fetch(`${this.url}${path}`, init));
  }

  get<Result>(path: string, query = '', options: SignedOptions = {}): Promise<Answer<Result>> {
    const raw = options.raw ?? query;
    return this.send(`${path}${raw === '' ? '' : `?${raw}`}`, { method: 'GET', headers: this.headers(raw, options) });
  }

  post<Result>(path: string, params: Record<string, unknown>, options: SignedOptions = {}): Promise<Answer<Result>> {
    const raw = options.raw ?? JSON.stringify(params);
    return this.send(path, { method: 'POST', body: raw, headers: { ...this.headers(raw, options), 'Content-Type': 'application/json' } });
  }

  order<Result = { orderId: string; orderLinkId: string }>(params: Record<string, unknown>): Promise<Answer<Result>> {
    return this.post('/v5/order/create', { category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.01', ...params });
  }

  private async send<Result>(path: string, init: RequestInit): Promise<Answer<Result>> {
    return this.read(await fetch(`${this.url}${path}`, init));
  }

  private async read<Result>(response: Response): Promise<Answer<Result>> {
    const body = await response.json() as Omit<Answer<Result>, 'status' | 'headers'>;
    return { ...body, status: response.status, headers: response.headers };
  }

  private headers(payload: string, options: SignedOptions): Record<string, string> {
    const timestamp = String(options.timestamp ?? Date.now());
    const recvWindow = String(options.recvWindow ?? 5000);
    const signature = options.signature ?? sign(this.credentials.secret, `${timestamp}${this.credentials.key}${recvWindow}${payload}`);
    return { 'X-BAPI-API-KEY': this.credentials.key, 'X-BAPI-TIMESTAMP': timestamp, 'X-BAPI-RECV-WINDOW': recvWindow, 'X-BAPI-SIGN': signature };
  }
}

export function sign(secret: string, message: string): string {
  return createHmac('sha256', secret).update(message).digest('hex');
}

/** undici may time the socket out in the middle of a fault: the caller learns only that no reply came. */
export async function sends(url: string, path: string, body: unknown, method = 'POST'): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}

export interface AnyFrame extends Record<string, unknown> {
  topic?: string;
  op?: string;
  data?: unknown;
}

/** A socket that remembers everything and lets a test wait for the first frame it wants. */
export class RawSocket {
  readonly frames: AnyFrame[] = [];
  closed = false;
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as AnyFrame);
      this.wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  static async open(url: string): Promise<RawSocket> {
    const socket = new WebSocket(url, { headers: { Origin: 'http://anywhere.example' } });
    const opened = new RawSocket(socket);
    await once(socket, 'open');
    return opened;
  }

  static async authenticated(url: string, credentials: Credentials): Promise<RawSocket> {
    const socket = await RawSocket.open(url);
    socket.send(authFrame(credentials));
    await socket.frame((frame) => frame.op === 'auth');
    return socket;
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame, past or future, that satisfies. Rejects when the socket closes before. */
  async frame(wanted: (frame: AnyFrame) => boolean): Promise<AnyFrame> {
    for (;;) {
      const found = this.frames.find(wanted);
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`socket closed; frames seen: ${JSON.stringify(this.frames).slice(0, 2000)}`);
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** Until everything sent to this socket before has arrived: frames keep their order, and a pong is the last of them. */
  async settled(): Promise<void> {
    const asked = `settled-${String(this.frames.length)}`;
    this.send({ op: 'ping', req_id: asked });
    await this.frame((frame) => frame['req_id'] === asked);
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  close(): void {
    this.socket.terminate();
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

export function authFrame(credentials: Credentials, expires = Date.now() + 5_000): unknown {
  return { op: 'auth', req_id: 'auth', args: [credentials.key, expires, sign(credentials.secret, `GET/realtime${expires}`)] };
}

export function rowsOf(frame: AnyFrame): Record<string, unknown>[] {
  return frame.data as Record<string, unknown>[];
}
