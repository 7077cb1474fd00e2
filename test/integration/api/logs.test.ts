import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogTail } from '../../../adapters/host/log-tail.js';
import { logsSchema } from '../../../api/routes/logs.js';
import { createLogger } from '../../../config/logging.js';
import { createRedaction } from '../../../config/redaction.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { openLogFile, type LogFile } from '../../../embedded/log-file.js';
import { serveApi, type ApiServer } from './api-server.js';

const SECRET = 'planted-secret-value';
const T0 = Date.now();

let directory: string;
let file: LogFile;
let api: ApiServer;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'logs-'));
  file = openLogFile({ directory, elsewhere: () => undefined });
  const logger = createLogger({ service: 'trading-worker', instance: '1', level: 'debug', destination: { write: (line) => file.write(line.trimEnd()) } });
  logger.debug('a candle came');
  logger.info('Bot ready', { symbols: ['BTCUSDT'] });
  logger.warning('Rate limit near', { code: 30001 });
  logger.error(`Connection lost while ${SECRET} was on its way`, { code: 40006, where: { header: SECRET } });
  logger.critical('Emergency stop', { code: 10009 });
  await file.close();
  const away = (): Promise<never> => Promise.reject(new BotError(10003, 'not part of this test'));
  api = await serveApi({ ledger: away, bot: {} as never, logs: createLogTail(file.path), redact: createRedaction([SECRET]) });
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true });
});

const logs = async (query: string) => logsSchema.parse((await api.ask(`/api/v1/logs${query}`)).json);

describe('the log over the API', () => {
  it.each([['', 5], ['?level=INFO', 4], ['?level=WARNING', 3], ['?level=ERROR', 2], ['?level=CRITICAL', 1]])('with %j holds what is at least that weighty', async (query, count) => {
    expect(await logs(query)).toMatchObject({ count, complete: true });
  });

  it('says what the processes said, oldest first, fields included', async () => {
    const { lines } = await logs('?level=INFO');
    expect(lines.map(({ level }) => level)).toEqual(['INFO', 'WARNING', 'ERROR', 'CRITICAL']);
    expect(lines[0]).toMatchObject({ service: 'trading-worker', message: 'Bot ready', fields: { symbols: ['BTCUSDT'], instance: '1' } });
    expect(lines[1]?.fields).toMatchObject({ code: 30001 });
  });

  it('since an instant, in whatever zone it is written, leaves out what came before', async () => {
    const hourAhead = new Date(T0 + 2 * 3_600_000).toISOString().replace('Z', '+01:00');
    expect((await logs(`?since=${new Date(T0 - 60_000).toISOString()}`)).count).toBe(5);
    expect((await logs(`?since=${encodeURIComponent(hourAhead)}`)).count).toBe(0);
  });

  it('shows no secret, not even one that was written', async () => {
    const { text } = await api.ask('/api/v1/logs?level=ERROR');
    expect(text).toContain('Connection lost while [redacted] was on its way');
    expect(text).not.toContain(SECRET);
  });

  it.each(['level=LOUD', 'level=error', 'since=yesterday', 'since=2026-01-31', 'limit=0', 'limit=1001', 'limit=1e9', 'lines=5'])('refuses %s and names it', async (query) => {
    const { status, json } = await api.refused(`/api/v1/logs?${query}`);
    expect({ status, field: json.errors?.[0]?.field }).toEqual({ status: 400, field: query.split('=')[0] });
  });

  it('that is not there is 503, with what to do', async () => {
    const away = (): Promise<never> => Promise.reject(new BotError(10003, 'not part of this test'));
    const blind = await serveApi({ ledger: away, bot: {} as never });
    try {
      expect(await blind.refused('/api/v1/logs')).toMatchObject({ status: 503, json: { code: 40004, fix: expect.stringContaining('BOT_LOG_FILE') as string } });
    } finally {
      await blind.close();
    }
  });
});
