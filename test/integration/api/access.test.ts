/** Who gets in: tokens, roles, limited tries and requests. Everything behind the API is away; none of this needs it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { createApi } from '../../../api/create-api.js';
import { problemSchema } from '../../../api/problem.js';
import type { ApiAccess } from '../../../api/security/access.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { AuditRow, Ledger } from '../../../core/ports/ledger.js';
import { serveApi, type ApiServer } from './api-server.js';
import { rawRequest, type RawAnswer, type RawRequest } from './raw-request.js';

const TOKENS = { watcher: 'tbt_watcher-0000000000000000000000000000000000', trader: 'tbt_trader-00000000000000000000000000000000000', owner: 'tbt_owner-000000000000000000000000000000000000' };
const entry = (name: keyof typeof TOKENS, role: ApiAccess['tokens'][number]['role']) => ({ name, role, sha256: createHash('sha256').update(TOKENS[name]).digest('hex') });
const GUARDED: ApiAccess = { tokens: [entry('watcher', 'viewer'), entry('trader', 'operator'), entry('owner', 'admin')], allowedHosts: [], requestsPerMinute: undefined };

let servers: ApiServer[] = [];
let audited: AuditRow[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
  audited = [];
});

async function serve(access: Partial<ApiAccess> = {}, more: Partial<ApiDependencies> = {}): Promise<ApiServer> {
  // a ledger that only takes audit rows, and a bot that is paused at once: this is about who may ask
  const ledger = { saveAudit: (row: AuditRow) => { audited.push(row); return Promise.resolve(); } } as unknown as Ledger;
  const away = (): Promise<never> => Promise.reject(new BotError(10006, 'not part of this test'));
  const result = { lifecycle: 'paused' as const, changed: true, detail: '', workflowIds: [] };
  const bot = { status: away, risk: away, strategies: away, internalState: away, command: () => Promise.resolve({ kind: 'applied', result }), order: away } as unknown as ApiDependencies['bot'];
  const server = await serveApi({ ledger: () => Promise.resolve(ledger), bot, access: { ...GUARDED, ...access }, ...more });
  servers.push(server);
  return server;
}

const bearer = (token: string): { Authorization: string } => ({ Authorization: `Bearer ${token}` });
async function call(server: ApiServer, request: Omit<RawRequest, 'port'>): Promise<RawAnswer & { problem?: ReturnType<typeof problemSchema.parse> }> {
  const answer = await rawRequest({ port: server.port, ...request });
  const isProblem = answer.headers['content-type']?.includes('problem+json') ?? false;
  return { ...answer, ...(isProblem ? { problem: problemSchema.parse(JSON.parse(answer.text)) } : {}) };
}

describe('an API with tokens', () => {
  it('refuses a request without one with 401 and says how to get in', async () => {
    const answer = await call(await serve(), { path: '/openapi.json' });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="trading bot"' }, problem: { code: 30002, fix: expect.stringContaining('npm run api:token') as string } });
  });

  it.each([
    ['an unknown token', bearer('tbt_unknown').Authorization],
    ['a token with a letter too many', bearer(`${TOKENS.owner}x`).Authorization],
    ['the digest instead of the token', bearer(GUARDED.tokens[2]?.sha256 ?? '').Authorization],
    ['another scheme', `Basic ${Buffer.from(`owner:${TOKENS.owner}`).toString('base64')}`],
    ['nothing after the scheme', 'Bearer '],
    ['two tokens at once', `Bearer ${TOKENS.owner}, Bearer ${TOKENS.owner}`],
  ])('refuses %s with 401 and shows nothing of it', async (_what, authorization) => {
    const answer = await call(await serve(), { path: '/openapi.json', headers: { Authorization: authorization } });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') as string } });
    expect(answer.text).not.toContain(authorization.slice(8) || 'nothing to look for');
  });

  it('asks for a token on every route of its document, and for the role that stands there', async () => {
    const server = await serve();
    const { text } = await call(server, { path: '/openapi.json', headers: bearer(TOKENS.watcher) });
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { description: string }>> };
    const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { description }]) => ({ path: path.replaceAll(/\{\w+\}/g, 'BTCUSDT'), method: method.toUpperCase(), description })));
    expect(operations.length).toBeGreaterThan(30);
    for (const { path, method, description } of operations.filter(({ path: open }) => open !== '/health')) {
      expect({ path, status: (await call(server, { path, method })).status }).toEqual({ path, status: 401 });
      const withLeast = await call(server, { path, method, headers: bearer(TOKENS.watcher) });
      expect({ path, refused: withLeast.status === 403 }).toEqual({ path, refused: description !== 'Needs role viewer.' });
      if (method === 'GET') expect({ path, description }).toEqual({ path, description: 'Needs role viewer.' });
    }
  });

  it.each([
    ['watcher', 'GET', '/openapi.json', 200],
    ['watcher', 'POST', '/api/v1/bot/pause', 403],
    ['trader', 'GET', '/openapi.json', 200],
    ['trader', 'POST', '/api/v1/bot/pause', 200],
    ['owner', 'POST', '/api/v1/bot/pause', 200],
    ['watcher', 'POST', '/api/v1/emergency/stop-all-trading', 403],
    ['trader', 'POST', '/api/v1/runbooks/releaseEmergency', 403],
    ['trader', 'POST', '/api/v1/config/reload', 403],
  ] as const)('answers the %s who asks for %s %s with %i', async (who, method, path, status) => {
    const answer = await call(await serve(), { path, method, headers: bearer(TOKENS[who]) });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer).toMatchObject({ headers: { 'www-authenticate': expect.stringContaining('error="insufficient_scope"') as string }, problem: { code: 30010 } });
  });

  it('records under the name of the token who gave a command, and nobody when it was refused', async () => {
    const server = await serve();
    await call(server, { path: '/api/v1/bot/pause', method: 'POST', headers: bearer(TOKENS.watcher) });
    await call(server, { path: '/api/v1/bot/pause', method: 'POST', headers: bearer(TOKENS.trader), body: '{"reason":"lunch"}' });
    expect(audited).toMatchObject([{ who: 'trader', fromAddress: '127.0.0.1', what: 'bot.pause', reason: 'lunch' }]);
  });

  it('still answers /health and /metrics to a program of this machine, and to nobody behind a proxy', async () => {
    const server = await serve();
    for (const path of ['/health', '/metrics']) {
      expect((await call(server, { path })).status).not.toBe(401);
      expect((await call(server, { path, headers: { 'X-Forwarded-For': '203.0.113.9' } })).status).toBe(401);
      expect((await call(server, { path, headers: { ...bearer(TOKENS.watcher), 'X-Forwarded-For': '203.0.113.9' } })).status).not.toBe(401);
    }
  });
});

describe('guessing', () => {
  it('is over after ten wrong tokens: 429 with the time to wait, also for a right one that never worked from there', async () => {
    const server = await serve();
    const guess = (token: string): Promise<RawAnswer> => call(server, { path: '/openapi.json', headers: bearer(token) });
    for (let n = 0; n < 10; n += 1) expect((await guess(`tbt_${n}`)).status).toBe(401);
    const refused = await guess('tbt_11');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await guess(TOKENS.owner)).status).toBe(429);
  });

  it('locks nobody out whose token has worked from that address: the emergency stop stays in reach', async () => {
    const server = await serve();
    const ask = (token: string): Promise<RawAnswer> => call(server, { path: '/openapi.json', headers: bearer(token) });
    expect((await ask(TOKENS.trader)).status).toBe(200);
    for (let n = 0; n < 12; n += 1) await ask(`tbt_${n}`);
    expect((await ask('tbt_again')).status).toBe(429);
    expect((await ask(TOKENS.trader)).status).toBe(200);
  });
});

describe('asking too often', () => {
  it('is 429 with the time to wait, for this client alone', async () => {
    const server = await serve({ requestsPerMinute: 10 });
    const ask = (token: string) => call(server, { path: '/openapi.json', headers: bearer(token) });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(TOKENS.watcher)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const [refused] = answers.filter(({ status }) => status === 429);
    expect(refused).toMatchObject({ problem: { code: 30001, retryable: true } });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(TOKENS.trader)).status).toBe(200);
  });
});

describe('an API without tokens', () => {
  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Forwarded-Host'])('does not serve a proxy that says %s: others stand behind it', async (header) => {
    const server = await serve({ tokens: [] });
    expect(await call(server, { path: '/openapi.json', headers: { [header]: '203.0.113.9' } })).toMatchObject({ status: 401, problem: { fix: expect.stringContaining('api.tokens') as string } });
  });

  it('does not serve other machines, even when something else has bound it to their network', async (test) => {
    const address = Object.values(networkInterfaces()).flat().find((known) => known?.family === 'IPv4' && !known.internal)?.address;
    // not run because a machine without a network has no other address to call
    if (address === undefined) return test.skip();
    const app = express().use(createApiFor({ tokens: [] }));
    const listening = app.listen(0, '0.0.0.0');
    await once(listening, 'listening');
    try {
      const { port } = listening.address() as { port: number };
      expect((await rawRequest({ port, host: address, path: '/openapi.json' })).status).toBe(401);
      expect((await rawRequest({ port, path: '/openapi.json' })).status).toBe(200);
    } finally {
      listening.close();
    }
  });

  function createApiFor(access: Partial<ApiAccess>) {
    const away = (): Promise<never> => Promise.reject(new BotError(10003, 'not part of this test'));
    return createApi({ ledger: away, bot: {}, probes: [], clock: Date.now, access: { ...GUARDED, ...access }, errors: { life: 'test', counts: () => [], newest: () => [] }, logger: { debug: () => undefined } } as unknown as ApiDependencies);
  }
});

describe('names', () => {
  const published = { allowedHosts: ['bot.example.com'] };

  it('of the configuration are answered to, others are refused (DNS rebinding), token or not', async () => {
    const server = await serve(published);
    const under = (host: string) => call(server, { path: '/openapi.json', headers: { ...bearer(TOKENS.watcher), Host: host } });
    expect((await under('bot.example.com')).status).toBe(200);
    expect((await under('BOT.example.com:443')).status).toBe(200);
    for (const host of ['attacker.example', 'bot.example.com.attacker.example', 'xbot.example.com', '203.0.113.9']) expect((await under(host)).status).toBe(421);
  });

  it.each([
    ['its own page behind TLS', { Host: 'bot.example.com', Origin: 'https://bot.example.com', 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['a foreign page', { Host: 'bot.example.com', Origin: 'https://attacker.example', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a page of a neighbouring name', { Host: 'bot.example.com', Origin: 'https://evil.example.com', 'Sec-Fetch-Site': 'same-site' }, 403],
    ['a page of the same name on another port', { Host: 'bot.example.com', Origin: 'https://bot.example.com:8443' }, 403],
    ['a page on https of a name that is not published', { Host: 'localhost:8080', Origin: 'https://localhost:8080' }, 403],
  ])('let %s post, or not', async (_what, headers, status) => {
    const server = await serve(published);
    expect((await call(server, { path: '/api/v1/bot/pause', method: 'POST', headers: { ...bearer(TOKENS.trader), ...headers } })).status).toBe(status);
  });
});
