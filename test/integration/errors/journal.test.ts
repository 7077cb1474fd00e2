/** The journal of a process against a real ledger: what it counts, what it survives, what the API says of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { errorsSchema } from '../../../api/routes/errors.js';
import { createLogger } from '../../../config/logging.js';
import { createRedaction } from '../../../config/redaction.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createErrorJournal, type ErrorJournal } from '../../../workers/error-journal.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { openSeverableLink, type SeverableLink } from '../../support/severable-link.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from '../api/api-server.js';

const SECRET = 'planted-secret-value';
const SOON = { timeout: 10_000, interval: 50 };

let database: TestDatabase;
let link: SeverableLink;
let ledger: Ledger;
const opened: ErrorJournal[] = [];
let lines: string[] = [];
let starts = 1_000;

beforeAll(async () => {
  database = await createTestDatabase();
  link = await openSeverableLink({ host: '127.0.0.1', port: Number(new URL(database.databaseUrl).port) });
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
});
afterEach(async () => {
  link.mend();
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await database.query('truncate error_counts, error_occurrences');
  lines = [];
});
afterAll(async () => {
  await Promise.all([ledger.close(), link.close()]);
  await database.drop();
});

function journalOf(service: string): ErrorJournal {
  const url = new URL(database.databaseUrl);
  url.port = String(link.port);
  url.hostname = '127.0.0.1';
  const journal = createErrorJournal({
    logger: createLogger({ service, instance: '1', level: 'debug', secrets: [SECRET], destination: { write: (line) => void lines.push(line) } }),
    service, instance: '1', startedAtMs: (starts += 1), now: Date.now, redact: createRedaction([SECRET]).text,
    open: () => createPostgresLedger({ databaseUrl: url.href, logger: silentLogger, poolSize: 1, poolOverflow: 0, connectTimeoutMs: 500, statementTimeoutMs: 1_000 }),
  });
  opened.push(journal);
  return journal;
}

async function written(): Promise<Record<string, number>> {
  return Object.fromEntries((await ledger.errorCounts('nobody')).map(({ code, occurrences }) => [code, occurrences]));
}

describe('the error journal', () => {
  it('counts lines with a code, of every level but debug, and the line says the code', async () => {
    const { logger, tally } = journalOf('worker');
    logger.info('Cache entry expired', { code: 40009 });
    logger.warning('Feed lost', { code: 40006, reason: 'closed' });
    logger.error('Request failed', { error: new BotError(10003, 'away') });
    logger.child({ symbol: 'BTCUSDT' }).critical('Stopped', { code: 10009 });
    logger.debug('Request refused', { code: 30004 });
    logger.warning('Nothing of ours', { code: 'ENOENT' });
    expect(tally.counts().map(({ code, occurrences }) => [code, occurrences])).toEqual([[40009, 1], [40006, 1], [10003, 1], [10009, 1]]);
    expect(tally.newest()[0]).toMatchObject({ code: 10009, severity: 'critical', service: 'worker', instance: '1', context: { symbol: 'BTCUSDT' } });
    expect(lines.map((line) => (JSON.parse(line) as { code?: unknown }).code)).toEqual([40009, 40006, 10003, 10009, 30004, 'ENOENT']);
    await expect.poll(written, SOON).toEqual({ 40009: 1, 40006: 1, 10003: 1, 10009: 1 });
  });

  it('sums over processes and over the lives of each', async () => {
    for (const service of ['worker', 'worker', 'api']) {
      const journal = journalOf(service);
      journal.logger.warning('Feed lost', { code: 40006 });
      await journal.close();
    }
    expect(await written()).toEqual({ 40006: 3 });
    expect(await ledger.errorOccurrences({ limit: 10, offset: 0 })).toHaveLength(3);
  });

  it('writes what happened while the ledger was away, once, and tells of its absence without counting it', async () => {
    const { logger, tally } = journalOf('worker');
    link.cut();
    for (let index = 0; index < 300; index += 1) logger.error('Write failed', { code: 40008, index });
    await expect.poll(() => lines.filter((line) => line.includes('error journal cannot be written')).length, SOON).toBe(1);
    logger.error('Write failed', { code: 40008 });
    expect(tally.counts()).toMatchObject([{ code: 40008, occurrences: 301 }]);
    link.mend();
    await expect.poll(written, SOON).toEqual({ 40008: 301 });
    await expect.poll(async () => (await ledger.errorOccurrences({ limit: 500, offset: 0 })).length, SOON).toBe(301);
    expect(tally.counts()).toHaveLength(1);
  });

  it('keeps a bounded number of occurrences waiting, and every count', async () => {
    const { logger } = journalOf('worker');
    link.cut();
    for (let index = 0; index < 5_000; index += 1) logger.warning('Order lost', { code: 20007, index });
    link.mend();
    await expect.poll(written, SOON).toEqual({ 20007: 5_000 });
    await expect.poll(async () => (await ledger.errorOccurrences({ limit: 500, offset: 900 })).length, SOON).toBe(100);
    const newest = (await ledger.errorOccurrences({ limit: 1, offset: 0 }))[0];
    expect(newest?.context).toEqual({ index: 4_999 });
  });

  it('writes its last words when it is closed, and gives up in time when it cannot', async () => {
    const one = journalOf('worker');
    one.logger.critical('worker cannot go on', { code: 10001 });
    await one.close();
    expect(await written()).toEqual({ 10001: 1 });
    const other = journalOf('worker');
    link.cut();
    other.logger.critical('worker cannot go on', { code: 10001 });
    await other.close();
    expect(await written()).toEqual({ 10001: 1 });
    expect(lines.join('')).toContain('The last errors could not be written to the ledger; the log holds them');
  });

  it('shows no secret, neither in messages nor beside them', async () => {
    const { logger } = journalOf('worker');
    logger.error(`Login with ${SECRET} failed`, { code: 30002, detail: SECRET, error: new BotError(30002, `key ${SECRET} refused`) });
    await expect.poll(written, SOON).toEqual({ 30002: 1 });
    expect(JSON.stringify(await database.query('select * from error_occurrences'))).not.toContain(SECRET);
  });
});

describe('what the API says of errors', () => {
  let api: ApiServer;
  let isAway = false;
  const bot = new Proxy({} as never, { get: () => () => Promise.reject(new BotError(10006, 'not asked here')) });

  async function serve(own: ErrorJournal): Promise<void> {
    isAway = false;
    api = await serveApi({ ledger: () => (isAway ? Promise.reject(new BotError(10003, 'the database does not answer')) : Promise.resolve(ledger)), bot, logger: own.logger, errors: own.tally });
  }
  afterEach(() => api.close());

  it('is the catalogue with counts of all processes, its own included once, and the newest occurrences first', async () => {
    const [worker, own] = [journalOf('worker'), journalOf('api')];
    await serve(own);
    worker.logger.warning('Feed lost', { code: 40006, reason: 'closed' });
    own.logger.error('Request failed', { code: 40006 });
    await expect.poll(written, SOON).toEqual({ 40006: 2 });
    const { status, json } = await api.ask('/api/v1/errors');
    expect(status).toBe(200);
    const errors = errorsSchema.parse(json);
    expect(errors).toMatchObject({ source: 'ledger', complete: true, note: null, total: 2, next_offset: null });
    expect(errors.catalogue).toHaveLength(40);
    expect(errors.catalogue.find(({ code }) => code === 40006)).toMatchObject({ count: 2, group: 'data', severity: 'error', docs: 'docs/errors/40006.md' });
    expect(errors.catalogue.find(({ code }) => code === 10001)).toMatchObject({ count: 0, last_at: null });
    expect(errors.occurrences.map(({ service }) => service).sort()).toEqual(['api', 'worker']);
  });

  it('is filtered by code, severity and time, and paged', async () => {
    const own = journalOf('api');
    await serve(own);
    for (let index = 0; index < 5; index += 1) own.logger.warning('Limit', { code: 30001, index });
    own.logger.critical('Halt', { code: 10009 });
    await expect.poll(written, SOON).toEqual({ 30001: 5, 10009: 1 });
    const ask = async (query: string) => errorsSchema.parse((await api.ask(`/api/v1/errors?${query}`)).json);
    expect(await ask('code=10009')).toMatchObject({ total: 1, catalogue: [{ code: 10009 }], occurrences: [{ code: 10009 }] });
    expect((await ask('severity=critical')).occurrences).toHaveLength(1);
    expect(await ask('code=10009&severity=warning')).toMatchObject({ total: 0, catalogue: [], occurrences: [] });
    expect((await ask(`since=${new Date(Date.now() + 60_000).toISOString()}`)).occurrences).toEqual([]);
    const first = await ask('code=30001&limit=3');
    const second = await ask(`code=30001&limit=3&offset=${first.next_offset}`);
    expect([...first.occurrences, ...second.occurrences].map(({ context }) => context['index'])).toEqual([4, 3, 2, 1, 0]);
    expect(second.next_offset).toBeNull();
    for (const wrong of ['code=1', 'code=abc', 'severity=bad', 'since=yesterday', 'limit=501', 'page=2']) expect((await api.ask(`/api/v1/errors?${wrong}`)).status).toBe(400);
  });

  it('without the ledger is what it knows itself, and it says so', async () => {
    const own = journalOf('api');
    await serve(own);
    isAway = true;
    expect((await api.ask('/api/v1/account/balance')).status).toBe(503);
    const errors = errorsSchema.parse((await api.ask('/api/v1/errors?code=10003')).json);
    expect(errors).toMatchObject({ source: 'api', complete: false, total: 1, occurrences: [{ code: 10003, service: 'api' }] });
    expect(errors.note).toContain('the database does not answer');
  });

  it('on /metrics has every code, and what the ledger said stays while it is away', async () => {
    const [worker, own] = [journalOf('worker'), journalOf('api')];
    await serve(own);
    for (const code of [30001, 30003, 40006] as const) worker.logger.error('Failed', { code });
    await expect.poll(written, SOON).toMatchObject({ 30001: 1, 30003: 1, 40006: 1 });
    const first = (await api.ask('/metrics')).text;
    expect(first.match(/^trading_bot_errors_total\{code="\d{5}"\} \d+$/gm)).toHaveLength(40);
    expect(first).toMatch(/^trading_bot_errors_total\{code="30001"\} 1$/m);
    expect(first).toMatch(/^trading_bot_errors_total\{code="10001"\} 0$/m);
    expect(first).toMatch(/^trading_bot_api_errors_total 2$/m);
    isAway = true;
    own.logger.error('Failed', { code: 30003 });
    await expect.poll(async () => (await api.ask('/metrics')).text, SOON).toMatch(/^trading_bot_errors_total\{code="30003"\} 2$/m);
    expect((await api.ask('/metrics')).text).toMatch(/^trading_bot_api_errors_total 3$/m);
  });
});
