import { describe, expect, it } from 'vitest';
import { readApiSettings, readWorkerSettings } from '../../../config/environment.js';
import { isBotError, type BotError } from '../../../core/errors/bot-error.js';

const COMMON = {
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  DATABASE_URL: 'postgres://bot:s3cret%2Fpass@127.0.0.1:5432/bot',
  BOT_CONFIG: 'config/default.json',
};
const API = { ...COMMON, BOT_DATA_DIR: 'data' };
const WORKER = { ...COMMON, BYBIT_API_KEY: 'the-api-key', BYBIT_API_SECRET: 'the-api-secret', BOT_DATA_DIR: 'data' };

function refusal(read: () => unknown): BotError {
  try {
    read();
  } catch (error) {
    if (isBotError(error)) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the environment of a worker', () => {
  it('is complete with its defaults', () => {
    expect(readWorkerSettings(WORKER)).toEqual({
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      databaseUrl: WORKER.DATABASE_URL,
      configPath: 'config/default.json',
      logLevel: 'info',
      instance: '1',
      market: 'not named',
      backupKeys: { s3: undefined, ageIdentity: undefined, ageIdentityFile: undefined },
      notifications: { twilio: undefined, webhookUrl: undefined },
      redisUrl: undefined,
      exchangeUrls: undefined,
      credentials: { key: 'the-api-key', secret: 'the-api-secret' },
      dataDir: 'data',
      secrets: ['the-api-key', 'the-api-secret', 's3cret/pass'],
    });
  });

  it('takes both addresses of a simulated exchange, or none', () => {
    const both = { ...WORKER, BYBIT_REST_URL: 'http://127.0.0.1:9000', BYBIT_WS_URL: 'ws://127.0.0.1:9000' };
    expect(readWorkerSettings(both).exchangeUrls).toEqual({ rest: 'http://127.0.0.1:9000', websocket: 'ws://127.0.0.1:9000' });
    expect(refusal(() => readWorkerSettings({ ...both, BYBIT_WS_URL: '' })).message).toContain('BYBIT_REST_URL and BYBIT_WS_URL belong together');
  });

  it('takes both keys of the storage of backups, or none, and knows its secrets', () => {
    const settings = readWorkerSettings({ ...WORKER, BACKUP_S3_ACCESS_KEY_ID: 'key-id', BACKUP_S3_SECRET_ACCESS_KEY: 'storage-secret', BACKUP_AGE_IDENTITY: 'AGE-SECRET-KEY-1TEST' });
    expect(settings.backupKeys).toEqual({ s3: { accessKeyId: 'key-id', secretAccessKey: 'storage-secret' }, ageIdentity: 'AGE-SECRET-KEY-1TEST', ageIdentityFile: undefined });
    expect(settings.secrets).toEqual(expect.arrayContaining(['storage-secret', 'AGE-SECRET-KEY-1TEST']));
    expect(refusal(() => readWorkerSettings({ ...WORKER, BACKUP_S3_ACCESS_KEY_ID: 'key-id' })).message).toContain('BACKUP_S3_SECRET_ACCESS_KEY belong together');
  });

  it('names every missing and every wrong variable at once, and none of their values', () => {
    const error = refusal(() => readWorkerSettings({ ...COMMON, TEMPORAL_ADDRESS: 'nowhere-sensitive', BOT_LOG_LEVEL: 'loud-sensitive' }));
    expect(error.code).toBe(10002);
    expect(error.message).toContain('TEMPORAL_ADDRESS has a wrong value: give host:port');
    expect(error.message).toContain('BOT_LOG_LEVEL has a wrong value: give one of debug, info, warning, error, critical');
    expect(error.message).toContain('BYBIT_API_KEY is not set');
    expect(error.message).not.toContain('sensitive');
    expect(error.fix).toContain('BYBIT_API_SECRET');
  });

  it('says which kind of URL it wants', () => {
    expect(refusal(() => readWorkerSettings({ ...WORKER, DATABASE_URL: 'mysql://x' })).message).toContain('DATABASE_URL has a wrong value: give a URL that starts with postgres:// or postgresql://');
  });
});

describe('the environment of the API', () => {
  it('needs no keys and listens on loopback, port 8080, unless told otherwise', () => {
    expect(readApiSettings(API)).toMatchObject({ host: '127.0.0.1', port: 8080, dataDir: 'data', secrets: ['s3cret/pass'] });
    expect(readApiSettings({ ...API, BOT_API_PORT: '0' }).port).toBe(0);
  });

  it('scrubs keys that it merely inherited', () => {
    expect(readApiSettings(WORKER).secrets).toContain('the-api-secret');
  });

  it.each(['80a', '-1', '65536', '1e3'])('refuses the port %s', (BOT_API_PORT) => {
    expect(refusal(() => readApiSettings({ ...API, BOT_API_PORT })).message).toContain('a port from 0 to 65535');
  });
});
