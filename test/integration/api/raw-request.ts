/** Requests that fetch() would not send: any header, any bytes. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface RawRequest {
  port: number;
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** the address to call from and to */
  host?: string;
}

export function rawRequest({ port, path, method = 'GET', headers = {}, body, host = '127.0.0.1' }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Writes bytes, and resolves with everything the server says until it hangs up. */
export async function rawConversation(port: number, speak: (socket: Socket) => void): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => undefined);
  await once(socket, 'connect');
  speak(socket);
  await once(socket, 'close');
  return Buffer.concat(heard).toString();
}
