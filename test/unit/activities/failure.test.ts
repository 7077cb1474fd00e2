import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { toActivityFailure, withActivityFailures } from '../../../activities/failure.js';
import { BotError } from '../../../core/errors/bot-error.js';

const SECRET = 'correct-horse-battery';

describe('a failure on its way into a workflow’s history', () => {
  it('keeps code, advice and the foreign code of a BotError', () => {
    const failure = toActivityFailure(new BotError(20003, 'qty too small', { fix: 'ask for more', foreignCode: '110094' }));
    expect(failure).toMatchObject({ type: '20003', message: '20003 qty too small', details: [{ code: 20003, fix: 'ask for more', foreignCode: '110094' }] });
  });

  it.each([
    { retryable: false, outcome: 'definite', nonRetryable: true },
    { retryable: true, outcome: 'definite', nonRetryable: false },
    { retryable: false, outcome: 'unknown', nonRetryable: false },
    { retryable: true, outcome: 'unknown', nonRetryable: false },
  ] as const)('ends the retries only when it is definite and not worth another try: $retryable, $outcome', ({ nonRetryable, ...options }) => {
    expect(toActivityFailure(new BotError(20007, 'no answer', options)).nonRetryable).toBe(nonRetryable);
  });

  it('carries the pause that the exchange asked for, and none when it asked for none', () => {
    expect(toActivityFailure(new BotError(30001, 'slow down', { retryAfterMs: 1_234 })).nextRetryDelay).toBe(1_234);
    expect(toActivityFailure(new BotError(30001, 'slow down')).nextRetryDelay ?? undefined).toBeUndefined();
  });

  it('takes nothing of the cause along, where a foreign client may keep its key and secret', () => {
    const failure = toActivityFailure(new BotError(30003, 'connection reset', { cause: { request: { headers: { 'X-BAPI-SIGN': SECRET } }, secret: SECRET } }));
    expect(JSON.stringify({ ...failure, message: failure.message, stack: failure.stack, cause: failure.cause })).not.toContain(SECRET);
    const unexpected = toActivityFailure(Object.assign(new TypeError('x is not a function'), { secret: SECRET, config: { secret: SECRET } }));
    expect(unexpected).toMatchObject({ type: 'unexpected', message: 'TypeError: x is not a function', nonRetryable: false });
    expect(JSON.stringify({ ...unexpected, cause: unexpected.cause })).not.toContain(SECRET);
  });

  it('says of a thrown non-error only that it was one', () => {
    expect(toActivityFailure({ secret: SECRET })).toMatchObject({ type: 'unexpected', message: 'an error that is not an Error' });
  });

  it('passes an ApplicationFailure as it is, and the answers of activities that succeed', async () => {
    const own = ApplicationFailure.create({ message: 'as it is', type: 'own' });
    const { fails, answers } = withActivityFailures({ fails: () => Promise.reject(own), answers: (word: string) => Promise.resolve(`${word}!`) });
    await expect(fails()).rejects.toBe(own);
    await expect(answers('yes')).resolves.toBe('yes!');
  });

  it('lets nothing else leave an activity', async () => {
    const { reads } = withActivityFailures({ reads: () => Promise.reject(new BotError(10003, 'no database', { retryable: false })) });
    await expect(reads()).rejects.toMatchObject({ name: 'ApplicationFailure', type: '10003', nonRetryable: true });
  });
});
