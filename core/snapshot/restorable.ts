/**
 * Reads a saved snapshot for what can be put back from it: only what neither exchange nor ledger can give again (what an operator
 * ordered, why the bot was paused, the day's start equity, cooldowns). Positions, trades and balances are asked of the exchange.
 */
import { z } from 'zod';
import { toDecimalString } from '../money/decimal.js';
import type { RiskState } from '../risk/risk-state.js';

export interface RestorableState {
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  reason: string;
  pausedBy: string | null;
  risk: RiskState;
  overrides: Record<string, boolean>;
  releasedHaltId: string | null;
}

export interface ReadableSnapshot {
  /** ISO 8601, UTC */
  takenAt: string;
  mode: string;
  configurationHash: string | null;
  state: RestorableState;
}

/** The one that this program reads; see `SnapshotDocument`. */
const VERSION = 1;

const amount = z.string().regex(/^-?\d+(\.\d+)?$/).transform((text) => toDecimalString(text)).nullable();
const riskSchema = z.object({
  dayStartMs: z.number().min(0), dayStartEquity: amount, budgetStartEquity: amount, dailyLossLimitHit: z.boolean(), peakEquity: amount, maxDrawdownHit: z.boolean(),
  cooldownUntilMs: z.record(z.string(), z.number().min(0)),
});
const memorySchema = z.object({
  lifecycle: z.enum(['starting', 'running', 'paused', 'stopped']), reason: z.string(), pausedBy: z.string().nullable(), risk: riskSchema,
  overrides: z.record(z.string(), z.boolean()), releasedHaltId: z.string().nullable(),
});
const documentSchema = z.object({
  format: z.literal('trading-bot-state'), version: z.literal(VERSION), taken_at: z.iso.datetime(), mode: z.string(), configuration_hash: z.string().nullable(),
  internal_state: z.unknown(), bot_memory: z.unknown(),
});

/** The workflow's own state goes before the ledger's copy of it, which may be older. */
export function readSnapshot(text: string): ReadableSnapshot | { problem: string } {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const document = documentSchema.safeParse(given);
  if (!document.success) return { problem: wordsOf(document.error) };
  const { taken_at: takenAt, mode, configuration_hash: configurationHash, internal_state: internal, bot_memory: memory } = document.data;
  const read = memorySchema.safeParse(internal ?? memory);
  if (!read.success) return { problem: `neither internal_state nor bot_memory can be read: ${wordsOf(read.error)}` };
  return { takenAt, mode, configurationHash, state: { ...read.data, risk: { ...read.data.risk, exposures: {} } } };
}

function wordsOf(error: z.ZodError): string {
  return error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
