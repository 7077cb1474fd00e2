/**
 * A server that says exactly what a test tells it to, also what no sane exchange would: for the shapes of failure that
 * the simulated exchange has no reason to produce. It knows nothing of trading.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

export interface ReceivedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;
export type SocketScript = (frame: Record<string, unknown>, socket: WebSocket, path: string) => void;

export interface ScriptedExchange {
  restUrl: string;
  wsUrl: string;
  requests: ReceivedRequest[];
  /** paths of the sockets that were opened, in order */
  openedSockets: string[];
  sockets(): WebSocket[];
  answer(answer: Answer): void;
  onFrame(script: SocketScript): void;
  stop(): Promise<void>;
}

export async function startScriptedExchange(port = 0): Promise<ScriptedExchange> {
  let answer: Answer = (_request, response) => { reply(response, 0, {}); };
  let script: SocketScript = politeSocket;
  const requests: ReceivedRequest[] = [];
  const openedSockets: string[] = [];
  const server = createServer((incoming, response) => {
    void receive(incoming).then((request) => { requests.push(request); answer(request, response); });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, upgrade) => {
    const path = upgrade.url ?? '';
    openedSockets.push(path);
    socket.on('message', (data: Buffer) => { script(JSON.parse(data.toString()) as Record<string, unknown>, socket, path); });
  });
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  const address = server.address() as AddressInfo;
  return {
    restUrl: `http://127.0.0.1:${address.port}`,
    wsUrl: `ws://127.0.0.1:${address.port}`,
    requests,
    openedSockets,
    sockets: () => [...sockets.clients],
    answer: (next) => { answer = next; },
    onFrame: (next) => { script = next; },
    stop: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(incoming.url ?? '', 'http://127.0.0.1');
  return { method: incoming.method ?? '', path: url.pathname, query: url.searchParams, headers: incoming.headers, body: text === '' ? undefined : JSON.parse(text) as unknown };
}

/** A Bybit envelope. */
export function reply(response: ServerResponse, retCode: number, result: unknown, options: { retMsg?: string; headers?: Record<string, string>; time?: number } = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...options.headers });
  response.end(JSON.stringify({ retCode, retMsg: options.retMsg ?? (retCode === 0 ? 'OK' : 'refused'), result, retExtInfo: {}, time: options.time ?? 1_700_000_000_000 }));
}

export function answerHttp(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Pongs, accepts every key and every topic, and acknowledges every order. */
export function politeSocket(frame: Record<string, unknown>, socket: WebSocket, path: string): void {
  const send = (answer: unknown): void => { socket.send(JSON.stringify(answer)); };
  const isTrade = path === '/v5/trade';
  switch (frame['op']) {
    case 'ping': send({ success: true, ret_msg: 'pong', conn_id: 'c', op: 'ping' }); return;
    case 'auth': send(isTrade ? { retCode: 0, retMsg: 'OK', op: 'auth', connId: 'c' } : { success: true, ret_msg: '', op: 'auth', conn_id: 'c' }); return;
    case 'subscribe': send({ success: true, ret_msg: '', op: 'subscribe', conn_id: 'c', req_id: frame['req_id'] }); return;
    case 'order.create': send({ reqId: frame['reqId'], retCode: 0, retMsg: 'OK', op: 'order.create', data: { orderId: 'by-socket', orderLinkId: 'link' }, header: {}, connId: 'c' });
  }
}
