/** A local server that speaks Twilio's Messages API (https://www.twilio.com/docs/messaging/api/message-resource) and a plain webhook: it judges credentials and form, and keeps what it was sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TWILIO_ACCOUNT = { accountSid: 'AC0123456789abcdef0123456789abcdef', token: 'twilio-token-canary', from: '+15005550006', to: '+15005550009' };

export interface TwilioServer {
  url: string;
  messages: { from: string; to: string; body: string }[];
  /** what was posted to /hook */
  hooks: unknown[];
  /** answers to the next requests, oldest first; then it accepts again */
  refuse(...answers: { status: number; code?: number; retryAfterSeconds?: number }[]): void;
  close(): Promise<void>;
}

export async function startTwilioServer(): Promise<TwilioServer> {
  const messages: TwilioServer['messages'] = [];
  const hooks: unknown[] = [];
  const refusals: Parameters<TwilioServer['refuse']>[0][] = [];
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const refusal = refusals.shift();
    if (refusal !== undefined) {
      const headers = refusal.retryAfterSeconds === undefined ? {} : { 'retry-after': String(refusal.retryAfterSeconds) };
      return reply(response, refusal.status, { code: refusal.code ?? 20001, message: `refused: To ${TWILIO_ACCOUNT.to}`, status: refusal.status }, headers);
    }
    if (request.url === '/hook') {
      hooks.push(JSON.parse(body));
      return reply(response, 200, {});
    }
    const expected = `Basic ${Buffer.from(`${TWILIO_ACCOUNT.accountSid}:${TWILIO_ACCOUNT.token}`).toString('base64')}`;
    if (request.headers.authorization !== expected) return reply(response, 401, { code: 20003, message: 'Authenticate', status: 401 });
    if (request.method !== 'POST' || request.url !== `/2010-04-01/Accounts/${TWILIO_ACCOUNT.accountSid}/Messages.json`) return reply(response, 404, { code: 20404, status: 404 });
    const form = new URLSearchParams(body);
    const [from, to, text] = [form.get('From'), form.get('To'), form.get('Body')];
    if (from === null || to === null || text === null || text === '' || text.length > 1_600) return reply(response, 400, { code: 21602, message: 'Message body is required.', status: 400 });
    messages.push({ from, to, body: text });
    return reply(response, 201, { sid: `SM${String(messages.length).padStart(32, '0')}`, status: 'queued' });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, messages, hooks,
    refuse: (...answers) => void refusals.push(...answers),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reply(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
