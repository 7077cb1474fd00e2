/** Parses what the exchange sent, once, at the edge. What does not fit becomes a BotError that names the place. */
import type { z } from 'zod';
import { BotError } from '../../../core/errors/bot-error.js';
import { ORDER_KINDS } from '../errors/call-kind.js';
import type { CallContext } from '../errors/rebuild.js';

const SHOWN_ISSUES = 3;

/**
 * The parsed payload. Throws 40010 for a read. An order that was answered with success but without a readable id may
 * well exist: 20007, outcome unknown.
 */
export function parsePayload<T>(schema: z.ZodType<T>, payload: unknown, context: Pick<CallContext, 'what' | 'kind' | 'redact'>): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, SHOWN_ISSUES).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const message = context.redact(`${context.what}: answer not understood (${issues.join('; ')})`);
  if (ORDER_KINDS.includes(context.kind)) throw new BotError(20007, message, { outcome: 'unknown' });
  throw new BotError(40010, message);
}
