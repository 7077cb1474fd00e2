/** What every request meets, whatever it asks for: run with everything behind the API away. */
import { request as httpRequest } from 'node:http';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBotClient } from '../../../api/bot-client.js';
import { createHealthProbes } from '../../../api/health-probes.js';
import { healthSchema } from '../../../api/health.js';
import { problemSchema } from '../../../api/problem.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import { createTemporalView } from '../../../api/temporal-view.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from './api-server.js';

const connection = openTemporalConnection('127.0.0.1:1');
let api: ApiServer;

beforeAll(async () => {
  const client = new Client({ connection });
  const ledger = (): Promise<never> => Promise.reject(new BotError(10003, 'the database does not answer'));
  const bot = createBotClient({ client });
  const probes = createHealthProbes({ ledger, bot, temporal: createTemporalView({ client }), clock: Date.now });
  api = await serveApi({ ledger, bot, probes, clock: Date.now, mode: 'paper', market: 'none', logger: silentLogger });
});
afterAll(async () => {
  await api.close();
  await connection.close();
});

/** fetch() does not let a test choose Host, Origin or Sec-Fetch-Site. */
function raw(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: api.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('foreign pages', () => {
  it.each(['attacker.example', 'attacker.example:8080', '127.0.0.1.attacker.example', 'localhost.attacker.example', '10.0.0.1:8080', 'user@localhost'])('under the host name "%s" are refused', async (host) => {
    const { status, text } = await raw('/openapi.json', { Host: host });
    expect(status).toBe(421);
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ code: 30004, fix: expect.stringContaining('http://127.0.0.1') as string });
  });

  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:9999', '[::1]:8080'])('are told from this machine, called as "%s"', async (host) => {
    expect((await raw('/openapi.json', { Host: host })).status).toBe(200);
  });

  it.each<Record<string, string>>([
    { Origin: 'https://attacker.example' },
    { Origin: 'null' },
    { Origin: 'http://localhost:3000' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('that let a browser call with %j are refused, reading or writing', async (headers) => {
    for (const [method, path] of [['GET', '/openapi.json'], ['POST', '/api/v1/bot/stop']] as const) {
      expect((await raw(path, { Host: 'localhost:8080', ...headers }, method)).status).toBe(403);
    }
  });

  it('cannot be confused with the API\'s own page', async () => {
    expect((await raw('/openapi.json', { Host: 'localhost:8080', Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  });
});

describe('errors', () => {
  it('are problem documents with code and fix, and carry the request id of their header', async () => {
    const { status, headers, json } = await api.refused('/api/v1/nowhere');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(problemSchema.parse(json)).toMatchObject({ type: 'urn:trading-bot:error:30004', status: 404, code: 30004, detail: 'there is no GET /api/v1/nowhere', fix: 'GET /openapi.json lists what there is' });
    expect(json.instance).toBe(headers.get('x-request-id'));
  });

  it.each(['/api/v1/trades/recent', '/api/v1/positions/active', '/api/v1/positions/stop-losses', '/api/v1/account/balance', '/api/v1/bot/status'])('of a missing database are 503 on %s', async (path) => {
    expect(await api.refused(path)).toMatchObject({ status: 503, json: { code: 10003, retryable: true } });
  });

  it('name the methods that are possible', async () => {
    const { status, headers, json } = await api.refused('/api/v1/bot/stop');
    expect({ status, allow: headers.get('allow'), code: json.code }).toEqual({ status: 405, allow: 'POST', code: 30004 });
    expect((await api.refused('/health', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });

  it('refuse a body above 64 KiB, and know no path that is none', async () => {
    expect(await api.refused('/api/v1/bot/stop', { method: 'POST', body: 'x'.repeat(64 * 1024 + 1) })).toMatchObject({ status: 413, json: { code: 30004, detail: 'the body is larger than 64 KiB' } });
    expect((await raw('/%E0%A4%A', { Host: 'localhost' })).status).toBe(404);
  });

  it('show nothing of the inside', async () => {
    for (const path of ['/api/v1/nowhere', '/api/v1/account/balance', '/%E0%A4%A']) {
      const { text } = await raw(path, { Host: 'localhost' });
      expect(text).not.toMatch(/node_modules|at .*\.ts:|at .*\.js:|stack/);
    }
  });
});

describe('with everything away', () => {
  it('/health still answers, in time, and names every part', async () => {
    const startedMs = performance.now();
    const { status, json } = await api.ask('/health');
    expect(status).toBe(503);
    expect(performance.now() - startedMs).toBeLessThan(6_000);
    const health = healthSchema.parse(json);
    expect(health.status).toBe('down');
    expect(Object.values(health.dependencies).map(({ state }) => state)).toEqual(['down', 'down', 'down', 'down', 'down', 'down']);
    for (const part of Object.values(health.dependencies)) expect(part.detail).toMatch(/\(100(03|06)\)|no answer|did not answer/);
  });

  it('/metrics still has the process, and no figure that is not known', async () => {
    const { text } = await api.ask('/metrics');
    expect(text).toMatch(/^trading_bot_up 0$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    expect(text).not.toMatch(/^trading_bot_(portfolio_value|active_positions|daily_pnl) /m);
  });

  it('requests are counted by route, the unknown ones together, and errors by code', async () => {
    await api.ask('/api/v1/account/balance');
    await api.ask('/made-up-a');
    await api.ask('/made-up-b');
    const { text } = await api.ask('/metrics');
    expect(text).toMatch(/trading_bot_api_requests_total\{method="GET",route="\/api\/v1\/account\/balance",status="503"\} \d+/);
    expect(text).toMatch(/trading_bot_api_requests_total\{method="GET",route="other",status="404"\} \d+/);
    expect(text).not.toContain('made-up');
    expect(text).toMatch(/trading_bot_errors_total\{code="10003"\} \d+/);
  });
});

describe('the OpenAPI document', () => {
  interface Document { openapi: string; paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, unknown> }> }>>; components: { schemas: Record<string, unknown> } }

  it('lists every route with its replies and its problems', async () => {
    const { json } = await api.ask<Document>('/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.entries(json.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))).toEqual(expect.arrayContaining([
      'get /api/v1/account/balance', 'get /api/v1/bot/status', 'get /api/v1/positions/active', 'get /api/v1/trades/recent', 'get /health', 'post /api/v1/bot/pause',
    ]));
    for (const methods of Object.values(json.paths)) {
      for (const { responses } of Object.values(methods)) {
        expect(Object.keys(responses['400']?.content ?? {})).toEqual(['application/problem+json']);
        const [done] = Object.entries(responses).filter(([status]) => status.startsWith('2'));
        expect(Object.keys(done?.[1].content ?? {})).toEqual(['application/json']);
      }
    }
    expect(Object.keys(json.components.schemas)).toEqual(expect.arrayContaining(['Problem', 'Health', 'Trade', 'Position', 'StopLoss', 'AccountBalance', 'BotStatus', 'CommandReply']));
  });
});

describe('every reply', () => {
  it('carries the headers that keep browsers careful, and none that names the server', async () => {
    const { headers } = await api.ask('/openapi.json');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('to HEAD is that of GET without its body', async () => {
    const { status, text } = await api.ask('/openapi.json', { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 200, text: '' });
  });
});
