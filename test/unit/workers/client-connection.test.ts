import { describe, expect, it } from 'vitest';
import { CLIENT_RETRY } from '../../../workers/client-connection.js';

/** gRPC status codes */
const RESOURCE_EXHAUSTED = 8;
const INVALID_ARGUMENT = 3;
const refusal = (code: number) => ({ code, details: 'workflow operation can not be applied because workflow is closing' }) as Parameters<typeof CLIENT_RETRY.retryableDecider>[1];

describe('a signal that is refused because the bot is continuing as new', () => {
  const attempts = Array.from({ length: 39 }, (_, n) => n + 1);
  const pauses = attempts.map((attempt) => CLIENT_RETRY.delayFunction(attempt, refusal(RESOURCE_EXHAUSTED)));

  it('is repeated within 10 ms, and never waits longer than a tenth of a second', () => {
    expect(pauses[0]).toBe(10);
    expect(Math.max(...pauses)).toBe(100);
  });

  it('is repeated for some seconds', () => {
    expect(attempts.every((attempt) => CLIENT_RETRY.retryableDecider(attempt, refusal(RESOURCE_EXHAUSTED)))).toBe(true);
    expect(CLIENT_RETRY.retryableDecider(40, refusal(RESOURCE_EXHAUSTED))).toBe(false);
    expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(3_000);
  });
});

it('what Temporal refuses for good is not repeated', () => {
  expect(CLIENT_RETRY.retryableDecider(1, refusal(INVALID_ARGUMENT))).toBe(false);
});
