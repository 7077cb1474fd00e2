/** How the bot says no to a command: the caller gets a code of the catalogue, what is wrong and what to do. */
import { ApplicationFailure } from '@temporalio/workflow';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import { describeFailure } from '../failure-detail.js';

/** In a message handler only an ApplicationFailure refuses the message; any other error would stall the workflow. */
export function asRefusal(error: unknown): ApplicationFailure {
  const { code, message, fix } = isBotError(error) ? error : asBotError(error);
  return ApplicationFailure.create({ type: 'BotError', message: `${code} ${message}`, nonRetryable: true, details: [{ code, message, fix }] });
}

/** A failed activity whose failure has no code of ours came from a worker that is away. */
function asBotError(error: unknown): BotError {
  const { code, message } = describeFailure(error);
  return new BotError(code ?? 10006, message.replace(/^\d{5} /, ''));
}
