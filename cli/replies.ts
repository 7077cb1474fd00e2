/** What the commands read of the API's replies; everything else in them is left alone. */
import { z } from 'zod';

const lines = z.array(z.string());

export const planReply = z.looseObject({
  runbook: z.string(),
  plan_id: z.string(),
  destructive: z.boolean(),
  targets: lines,
  effects: lines,
  warnings: lines,
  refusals: lines,
  estimated_seconds: z.number().nullable(),
});

export const startedReply = z.looseObject({ workflow_id: z.string(), run_id: z.string(), attached: z.boolean() });

export const runReply = z.looseObject({
  workflow_id: z.string(),
  run_id: z.string(),
  runbook: z.string(),
  reason: z.string(),
  actor: z.string(),
  state: z.enum(['running', 'completed', 'failed', 'cancelled', 'refused']),
  outcome: z.string().nullable(),
  code: z.number().nullable(),
  steps: z.array(z.looseObject({
    name: z.string(), state: z.enum(['pending', 'running', 'done', 'failed']), started_at: z.string().nullable(), ended_at: z.string().nullable(), attempt: z.number(), result: z.string().nullable(),
  })),
  remaining: lines,
  figures: z.record(z.string(), z.unknown()),
  started_at: z.string(),
  ended_at: z.string().nullable(),
});

export const runsReply = z.looseObject({ complete: z.boolean(), runs: z.array(runReply) });
export const runbooksReply = z.looseObject({ runbooks: z.array(z.looseObject({ name: z.string(), title: z.string(), destructive: z.boolean() })) });

export const statusReply = z.looseObject({
  state: z.string(),
  reason: z.string(),
  since: z.string().nullable(),
  mode: z.string(),
  market: z.string(),
  equity: z.string().nullable(),
  decided_through: z.string().nullable(),
  blocked_because: z.string().nullable(),
  trading_active: z.boolean(),
  open_trades: z.array(z.looseObject({ trade_id: z.string(), strategy: z.string(), symbol: z.string(), side: z.string(), state: z.string() })),
});

export const healthReply = z.looseObject({ status: z.enum(['ok', 'degraded', 'down']), dependencies: z.record(z.string(), z.looseObject({ state: z.string(), detail: z.string() })) });

const directReply = z.looseObject({ state: z.enum(['refused', 'acting', 'done']), lines, remaining: lines });
export const emergencyStoppedReply = z.looseObject({ halt_id: z.string(), latch: z.string(), halted: z.boolean(), run_id: z.string().nullable(), detail: z.string() });
export const emergencyReply = z.looseObject({ latch: z.looseObject({ halt_id: z.string() }).nullable(), direct: directReply.nullable() });

export const commandReply = z.looseObject({ state: z.string().nullable(), detail: z.string() });
export const detailReply = z.looseObject({ detail: z.string() });

export type DirectEmergency = z.output<typeof directReply>;
export type Plan = z.output<typeof planReply>;
export type Run = z.output<typeof runReply>;
