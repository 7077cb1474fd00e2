/**
 * A fault as data: what goes wrong, where, and how often. The vocabulary of fault plans and of `POST /sim/faults`.
 *
 * Invariants
 * 1. How often is counted per rule: every Nth match, or a probability drawn from the plan's seed and the match's number,
 *    so the same plan against the same requests fails at the same places.
 * 2. A rule never fires more than `limit` times; without one it stays until it is deleted.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';

const COUNT_MAX = 1_000_000;
const DURATION_MS_MAX = 3_600_000;

const frequency = {
  every: z.number().int().min(1).max(COUNT_MAX).optional(),
  probability: z.number().min(0).max(1).optional(),
  limit: z.number().int().min(1).max(COUNT_MAX).optional(),
};
/** path of a REST endpoint, which also matches its operation on the trade socket; `*` is every endpoint */
const endpoint = z.string().max(100).default('*');
const socket = z.enum(['public', 'private', 'trade', '*']).default('*');
const durationMs = z.number().int().min(1).max(DURATION_MS_MAX);

export const faultRuleSchema = z.discriminatedUnion('kind', [
  /** the request is carried out, the connection is cut instead of a reply */
  z.strictObject({ kind: z.literal('dropReply'), endpoint, ...frequency, executed: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('delayReply'), endpoint, ...frequency, delayMs: durationMs, executed: z.boolean().default(true) }),
  /** 10006, 10016, 10002, or 10000 with executed: true for "timed out but placed" */
  z.strictObject({ kind: z.literal('retCode'), endpoint, ...frequency, retCode: z.number().int(), retMsg: z.string().max(200).default('injected fault'), executed: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('httpStatus'), endpoint, ...frequency, status: z.number().int().min(400).max(599), executed: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('nonJson'), endpoint, ...frequency, executed: z.boolean().default(false) }),
  /** replies of market/kline: an old candle is left out, or a new one comes twice, has high and low exchanged, or a word for its close; a single candle is left alone */
  z.strictObject({ kind: z.literal('candles'), ...frequency, change: z.enum(['missing', 'twice', 'invalid', 'unreadable']) }),
  z.strictObject({ kind: z.literal('partialFills'), ...frequency, seed: z.number().int().default(1), maxParts: z.number().int().min(2).max(20).default(3), cancelRemainder: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('dropSocket'), socket, ...frequency }),
  /** no data, no pong, in either direction */
  z.strictObject({ kind: z.literal('silentSocket'), socket, ...frequency, durationMs }),
  z.strictObject({ kind: z.literal('lateHistory'), lagMs: durationMs }),
  /** system/status tells of it; with refuse the private endpoints answer 10016 */
  z.strictObject({ kind: z.literal('maintenance'), refuse: z.boolean().default(false) }),
]);
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultKind = FaultRule['kind'];

export const faultPlanSchema = z.strictObject({ seed: z.number().int().default(1), rules: z.array(faultRuleSchema).max(100) });
export type FaultPlan = z.infer<typeof faultPlanSchema>;

export const NO_FAULTS: FaultPlan = { seed: 1, rules: [] };

/** Throws 10001 (no such file) or 10002 (not a plan). */
export function readFaultPlan(path: string): FaultPlan {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BotError(10001, 'The fault plan cannot be read', { fix: 'Check the path given with --fault-plan', cause: error });
  }
  return parseFaultPlan(content);
}

/** Throws 10002 naming the first thing that is wrong. */
export function parseFaultPlan(content: string): FaultPlan {
  try {
    return faultPlanSchema.parse(JSON.parse(content));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON';
    throw new BotError(10002, `The fault plan is not valid: ${reason}`, { fix: 'Correct the plan: {"seed": 1, "rules": [{"kind": "dropReply", "endpoint": "/v5/order/create", "every": 3}]}', cause: error });
  }
}
