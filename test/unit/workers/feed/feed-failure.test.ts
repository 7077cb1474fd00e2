import { expect, it } from 'vitest';
import { BotError } from '../../../../core/errors/bot-error.js';
import { feedFailure } from '../../../../workers/feed/feed-failure.js';

it.each([
  ['a refused key', new BotError(30002, 'key refused'), { code: 30002, error: 'key refused' }],
  ['a defect of a handler', new Error('broke'), { code: 40006, error: 'broke' }],
  ['a frame that was told already', new BotError(40010, 'not understood'), { frameCode: 40010, error: 'not understood' }],
])('of %s the feed says what it is, once', (_what, error, fields) => {
  expect(feedFailure(error)).toEqual(fields);
});
