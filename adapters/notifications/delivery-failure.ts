/**
 * What goes wrong on the way to whoever delivers a notification, as a `BotError`. Foreign errors can hold the address, which may
 * itself be a secret, so nothing of them travels on but status and code.
 */
import { BotError } from '../../core/errors/bot-error.js';

const TOO_MANY = 429;
const RETRY_AFTER_MS_MAX = 30_000;

interface Refusal {
  channel: string;
  /** the other side's own number for it */
  foreignCode?: string;
}

/** Not accepted. Too many requests and troubles of the other side pass; everything else is refused for good. */
export function refusedBy(reply: Response, { channel, foreignCode }: Refusal): BotError {
  const detail = `HTTP ${reply.status}${foreignCode === undefined ? '' : `, ${foreignCode}`}`;
  const code = foreignCode ?? `HTTP ${reply.status}`;
  if (reply.status === TOO_MANY) return new BotError(30001, `${channel}: Rate limit, ${detail}`, { foreignCode: code, retryable: true, retryAfterMs: retryAfterMs(reply) });
  if (reply.status >= 500) return new BotError(30003, `${channel}: the service fails (${detail})`, { foreignCode: code, retryable: true, outcome: 'unknown' });
  if (reply.status === 401 || reply.status === 403) return new BotError(30002, `${channel}: the credentials are refused (${detail})`, { foreignCode: code, retryable: false, fix: 'correct the credentials in the environment' });
  return new BotError(30004, `${channel}: refused (${detail})`, { foreignCode: code, retryable: false, fix: 'correct numbers and addresses in the environment' });
}

/** No answer: it may have been delivered all the same. */
export function unanswered(channel: string, error: unknown): BotError {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  return new BotError(timedOut ? 30005 : 30003, `${channel}: ${timedOut ? 'Timeout' : 'Connection failed'}`, { retryable: true, outcome: 'unknown', fix: 'check the network of this machine' });
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(reply: Response): number {
  const header = reply.headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX) : 1_000;
}
