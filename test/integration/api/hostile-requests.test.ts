/** Requests that want to break something rather than to ask for it. */
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen, type ListeningApi } from '../../../api/listen.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { problemSchema } from '../../../api/problem.js';
import { serveApi, type ApiServer } from './api-server.js';
import { rawConversation, rawRequest } from './raw-request.js';

let api: ApiServer;
const given: unknown[] = [];

beforeAll(async () => {
  const away = (): Promise<never> => Promise.reject(new BotError(10003, 'not part of this test'));
  const result = { lifecycle: 'paused' as const, changed: true, detail: '', workflowIds: [] };
  const bot = { command: (...request: unknown[]) => { given.push(request); return Promise.resolve({ kind: 'applied', result }); } };
  api = await serveApi({ ledger: away, bot: bot as never });
});
afterAll(() => api.close());

const post = (body: string, headers: Record<string, string> = {}) => api.refused('/api/v1/bot/pause', { method: 'POST', body, headers });

describe('a body', () => {
  it.each([
    ['__proto__ at the top', '{"__proto__": {"role": "admin"}}'],
    ['__proto__ deep inside', '{"reason": "x", "a": [{"__proto__": 1}]}'],
    ['constructor.prototype', '{"constructor": {"prototype": {"role": "admin"}}}'],
    ['NUL in a text', String.raw`{"reason": "a\u0000b"}`],
    ['NUL in a name', String.raw`{"a\u0000": 1}`],
    ['half a character', String.raw`{"reason": "\ud800"}`],
    ['a line break in the reason', String.raw`{"reason": "a\n{\"level\":\"INFO\"}"}`],
    ['an unfinished object', '{"reason": "x"'],
    ['two documents', '{} {}'],
    ['a number', '5'],
    ['null', 'null'],
    ['brackets without end', '['.repeat(60_000)],
    ['a deep nest', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['an encoding that is none', '{}'],
  ])('with %s is refused with 400 and reaches nothing', async (what, body) => {
    const before = given.length;
    const { status, json } = await post(body, what.startsWith('an encoding') ? { 'Content-Encoding': 'nonsense' } : {});
    expect(status).toBe(400);
    expect(problemSchema.parse(json).code).toBe(30004);
    expect(given.length).toBe(before);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  it('above 64 KiB is refused with 413, also when it is compressed, or sent without its length', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(70_000) });
    expect((await post(large)).status).toBe(413);
    const compressed = new Response(new Blob([large]).stream().pipeThrough(new CompressionStream('gzip')));
    const bomb = Buffer.from(await compressed.arrayBuffer());
    expect(bomb.length).toBeLessThan(1_000);
    expect((await api.refused('/api/v1/bot/pause', { method: 'POST', body: bomb, headers: { 'Content-Encoding': 'gzip' } })).status).toBe(413);
    const chunked = await rawConversation(api.port, (socket) => socket.write(`POST /api/v1/bot/pause HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`));
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a method', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s is refused with 405 and told what is possible', async (method) => {
    expect(await rawRequest({ port: api.port, path: '/api/v1/bot/pause', method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await rawRequest({ port: api.port, path: '/health', method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it('of a preflight gets no permission', async () => {
    const { headers } = await rawRequest({ port: api.port, path: '/api/v1/bot/pause', method: 'OPTIONS', headers: { Origin: 'http://localhost:3000', 'Access-Control-Request-Method': 'POST' } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('a connection', () => {
  let impatient: ListeningApi;
  beforeAll(async () => {
    const app = express().get('/', (_request, response) => void response.send('hello')).post('/', express.text({ type: () => true }), (_request, response) => void response.send('took it'));
    impatient = await listen(app, { host: '127.0.0.1', port: 0, asksForTokens: false, patience: { headersMs: 300, requestMs: 600, keepAliveMs: 300, silenceMs: 900 } });
  });
  afterAll(() => impatient.close());

  it.each([
    ['sends its headers drop by drop (slow loris)', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-a: b\r\n'],
    ['sends its body drop by drop', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx'],
  ])('that %s is told 408 and cut', async (_what, beginning) => {
    const heard = await rawConversation(impatient.port, (socket) => {
      socket.write(beginning);
      // a drop every so often, because a connection that is silent would be cut for that
      const dripping = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(dripping));
    });
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(problemSchema.parse(JSON.parse(heard.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ status: 408, code: 30004 });
  });

  it('that says nothing at all is cut', async () => {
    expect(await rawConversation(impatient.port, () => undefined)).toMatch(/^$|^HTTP\/1\.1 408 /);
  });

  it('that does not speak HTTP, or too much of it, gets a problem document', async () => {
    const garbage = await rawConversation(api.port, (socket) => socket.write('\x16\x03\x01 hello, is this TLS?\r\n\r\n'));
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
    expect(garbage).toContain('application/problem+json');
    expect(await rawConversation(api.port, (socket) => socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-a: ${'b'.repeat(20_000)}\r\n\r\n`))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('that smuggles a second length is refused', async () => {
    expect(await rawConversation(api.port, (socket) => socket.write('POST /api/v1/bot/pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'))).toMatch(/^HTTP\/1\.1 400 /);
  });
});
