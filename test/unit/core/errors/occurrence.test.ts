import { describe, expect, it } from 'vitest';
import { BotError } from '../../../../core/errors/bot-error.js';
import { ERROR_CODES } from '../../../../core/errors/catalogue.js';
import { contextOf, errorCodeOf, findableMessage, tellingMessage } from '../../../../core/errors/occurrence.js';

describe('a log line', () => {
  it.each<[string, Record<string, unknown>, number | undefined]>([
    ['names a code of the catalogue', { code: 40006 }, 40006],
    ['carries an error of ours', { error: new BotError(10003, 'away') }, 10003],
    ['names one and carries another: the line decides', { code: 40005, error: new BotError(40001, 'late') }, 40005],
    ['carries a foreign error', { error: new Error('away') }, undefined],
    ['has a code that is none of ours', { code: 'ECONNREFUSED' }, undefined],
    ['has a number that is none of ours', { code: 404 }, undefined],
    ['says nothing of a code', { reason: 'x' }, undefined],
  ])('that %s counts accordingly', (_what, fields, code) => {
    expect(errorCodeOf(fields)).toBe(code);
  });

  it.each([
    [10003, /Connection/], [30003, /Connection/], [40006, /Connection/], [30005, /Timeout/], [20007, /Timeout/], [30001, /Rate limit/],
  ] as const)('of %i is found by the words of the guide', (code, word) => {
    expect(findableMessage('Activity failed', code)).toMatch(word);
  });

  it('that has the word already, or needs none, is left as it is', () => {
    expect(findableMessage('Market feed Connection lost', 40006)).toBe('Market feed Connection lost');
    expect(ERROR_CODES.filter((code) => findableMessage('text', code) === 'text')).toHaveLength(32);
  });
});

describe('an occurrence', () => {
  it('says what the line says and what its error adds', () => {
    expect(tellingMessage('Request failed', { error: new BotError(10003, 'the database does not answer') })).toBe('Request failed: the database does not answer');
    expect(tellingMessage('Feed lost', { reason: 'socket closed', error: '' })).toBe('Feed lost: socket closed');
    expect(tellingMessage('a, b', { reason: 'b' })).toBe('a, b');
  });

  it('keeps the scalars of the line, and of its error only what is safe', () => {
    const error = new BotError(30003, 'order/create: HTTP 502', { foreignCode: 'HTTP 502', cause: new Error('inner') });
    expect(contextOf({ code: 30003, symbol: 'BTCUSDT', tries: 3, done: false, rows: [1], nested: { a: 1 }, error })).toEqual({
      symbol: 'BTCUSDT', tries: 3, done: false, error: 'order/create: HTTP 502', foreignCode: 'HTTP 502',
    });
  });

  it('stays small, whatever was logged', () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_value, index) => [`field${index}`, 'x'.repeat(10_000)]));
    expect(JSON.stringify(contextOf(fields)).length).toBeLessThan(12_000);
    expect(tellingMessage('y'.repeat(10_000), {}).length).toBeLessThan(600);
  });
});
