import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../../config/environment.js';
import { createLogger } from '../../../config/logging.js';
import { BotError } from '../../../core/errors/bot-error.js';

const API_KEY = 'PLANTEDapiKEY0123';
const API_SECRET = 'planted/Secret+with"quotes';
const DB_PASSWORD = 'planted-db-password';

function recorder(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const logger = createLogger({ service: 'api', instance: 'a1', level, secrets: [API_KEY, API_SECRET, DB_PASSWORD], destination: { write: (line) => lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('log lines', () => {
  it('carry the level in the words of the guide, an ISO time, the service and the message', () => {
    const { logger, lines, last } = recorder();
    logger.debug('one');
    logger.info('two');
    logger.warning('three');
    logger.error('four');
    logger.critical('five', { symbol: 'BTCUSDT' });
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
    expect(last()).toMatchObject({ service: 'api', instance: 'a1', message: 'five', symbol: 'BTCUSDT' });
    expect(new Date(String(last()['time'])).toISOString()).toBe(last()['time']);
  });

  it('below the chosen level are not written', () => {
    const { logger, lines } = recorder('warning');
    logger.info('quiet');
    logger.warning('loud');
    expect(lines).toHaveLength(1);
  });

  it('of a child carry its fields, and no field can pose as level, time or service', () => {
    const { logger, lines, last } = recorder();
    logger.child({ tradeId: 't1', service: 'other' }).info('hello', { level: 'ERROR', message: 'fake' });
    expect(last()).toMatchObject({ level: 'INFO', service: 'api', message: 'hello', tradeId: 't1', field_level: 'ERROR', field_service: 'other', field_message: 'fake' });
    expect(lines[0]?.match(/"level":/g)).toHaveLength(1);
  });

  it('stay one line whatever the message holds', () => {
    const { logger, lines } = recorder();
    logger.info('first\n{"level":"CRITICAL"}');
    expect(lines[0]?.trimEnd().split('\n')).toHaveLength(1);
  });

  it('show a bot error with code, fix and causes, and a foreign error without what hangs on it', () => {
    const { logger, last } = recorder();
    const foreign = Object.assign(new TypeError('socket hang up'), { requestOptions: { key: 'foreign-object' } });
    logger.error('order failed', { error: new BotError(30005, 'no answer in 5000 ms', { foreignCode: 'ETIMEDOUT', fix: 'check the network', cause: foreign }) });
    expect(last()['error']).toMatchObject({ code: 30005, severity: 'warning', fix: 'check the network', outcome: 'definite', foreignCode: 'ETIMEDOUT', message: 'no answer in 5000 ms', cause: { name: 'TypeError', message: 'socket hang up' } });
    expect(JSON.stringify(last())).not.toContain('foreign-object');
  });

  it('name a foreign object and do not open it', () => {
    class Connection { readonly inner = 'foreign-inner'; }
    const { logger, last } = recorder();
    logger.info('connected', { connection: new Connection(), circular: Object.assign(Object.create(null) as object, { at: new Date(0) }) });
    expect(last()).toMatchObject({ connection: '[Connection]', circular: { at: '1970-01-01T00:00:00.000Z' } });
  });

  it('end, even for a structure without end', () => {
    const { logger, last } = recorder();
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    logger.info('loop', { loop, text: 'x'.repeat(1_000_000) });
    expect(JSON.stringify(last()).length).toBeLessThan(6_000);
    expect(JSON.stringify(last())).toContain('[nested too deep]');
  });
});

describe('secrets', () => {
  it.each([
    ['a field named so', { apiKey: 'x-plain-1', nested: [{ 'X-BAPI-SIGN': 'x-plain-1', api_secret: 'x-plain-1', password: 'x-plain-1', accessToken: 'x-plain-1', Authorization: 'x-plain-1', signature: 'x-plain-1' }] }],
    ['the password of a connection string', { url: 'cannot reach postgres://bot:x-plain-1@10.0.0.1:5432/bot' }],
    ['an assignment in text', { text: 'POST failed: api_key=x-plain-1&BYBIT_API_SECRET=x-plain-1 {"token":"x-plain-1"} Authorization: Bearer x-plain-1' }],
  ])('are blanked out in %s', (_where, fields) => {
    const { logger, lines } = recorder();
    logger.child(fields).error(JSON.stringify(fields), { ...fields, error: new Error(JSON.stringify(fields), { cause: new Error(JSON.stringify(fields)) }) });
    expect(lines.join('')).not.toContain('x-plain-1');
  });

  it('that the process knows never appear, wherever they are put', () => {
    const planted = fc.constantFrom(API_KEY, API_SECRET, DB_PASSWORD, encodeURIComponent(API_SECRET), JSON.stringify({ v: API_SECRET }));
    fc.assert(
      fc.property(fc.tuple(fc.string(), planted, fc.string()), fc.constantFrom('message', 'name', 'value', 'error', 'cause', 'child'), (parts, place) => {
        const text = parts.join('');
        const { logger, lines } = recorder();
        switch (place) {
          case 'message': logger.info(text); break;
          case 'name': logger.info('m', { a: { [text]: 1 } }); break;
          case 'value': logger.info('m', { a: [{ b: text }] }); break;
          case 'error': logger.error('m', { error: new BotError(30003, text, { fix: text, foreignCode: text }) }); break;
          case 'cause': logger.error('m', { error: new BotError(30003, 'm', { cause: new Error(text) }) }); break;
          case 'child': logger.child({ a: text }).info('m'); break;
        }
        const written = JSON.stringify(JSON.parse(lines[0] ?? ''));
        for (const value of [API_KEY, API_SECRET, DB_PASSWORD, encodeURIComponent(API_SECRET)]) expect(written).not.toContain(JSON.stringify(value).slice(1, -1));
      }),
    );
  });

  it('leave ordinary words alone', () => {
    const { logger, last } = recorder();
    logger.info('monkey business: keyboard', { monkey: 'banana', tokenised: 'no', designs: 3 });
    expect(last()).toMatchObject({ message: 'monkey business: keyboard', monkey: 'banana', tokenised: 'no', designs: 3 });
  });
});
