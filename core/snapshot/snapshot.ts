/**
 * A picture of the whole bot for people and for recovery: what is known of it at one instant, and what is not. Pure: the
 * parts come as values, a part that could not be read comes as the reason why.
 *
 * Invariants
 * 1. A missing part is named with its reason; nothing is left out in silence.
 * 2. `version` changes when a reader of the document would have to.
 */

/** save: on request, complete or refused · emergency: whatever can be had now */
export const SNAPSHOT_KINDS = ['save', 'emergency'] as const;
export type SnapshotKind = (typeof SNAPSHOT_KINDS)[number];

export type SnapshotPart = { kind: 'known'; value: unknown } | { kind: 'missing'; because: string };

/** In the order of the document. bot … internal_state: the workflow · trades … bot_memory: the ledger */
export const SNAPSHOT_PARTS = [
  'emergency_latch', 'bot', 'risk', 'strategies', 'internal_state', 'open_trades', 'positions', 'wallet', 'last_decision', 'bot_memory', 'configuration', 'dependencies',
] as const;
export type SnapshotPartName = (typeof SNAPSHOT_PARTS)[number];

export interface SnapshotInput {
  kind: SnapshotKind;
  /** host ms */
  takenAtMs: number;
  actor: string;
  reason: string;
  mode: string;
  market: string;
  /** of the configuration that the bot decides with; null: not known now */
  configurationHash: string | null;
  /** exchange ms that the bot had decided through before and after the parts were read; null: not known */
  decidedThrough: { beforeMs: number | null; afterMs: number | null };
  parts: Record<SnapshotPartName, SnapshotPart>;
}

export interface SnapshotDocument extends Record<SnapshotPartName, unknown> {
  format: 'trading-bot-state';
  version: 1;
  kind: SnapshotKind;
  /** ISO 8601, UTC, host clock */
  taken_at: string;
  actor: string;
  reason: string;
  mode: string;
  market: string;
  configuration_hash: string | null;
  /** every part is there */
  complete: boolean;
  /** no decision was taken while the parts were read; null: cannot be told */
  consistent: boolean | null;
  /** close of the last candle decided on, trading time */
  decided_through: string | null;
  missing: { part: SnapshotPartName; because: string }[];
}

export function buildSnapshot(input: SnapshotInput): SnapshotDocument {
  const { decidedThrough: { beforeMs, afterMs }, parts } = input;
  const missing = SNAPSHOT_PARTS.flatMap((part) => {
    const found = parts[part];
    return found.kind === 'missing' ? [{ part, because: found.because }] : [];
  });
  const values = Object.fromEntries(SNAPSHOT_PARTS.map((name) => {
    const part = parts[name];
    return [name, part.kind === 'known' ? part.value : null];
  })) as Record<SnapshotPartName, unknown>;
  return {
    format: 'trading-bot-state',
    version: 1,
    kind: input.kind,
    taken_at: new Date(input.takenAtMs).toISOString(),
    actor: input.actor,
    reason: input.reason,
    mode: input.mode,
    market: input.market,
    configuration_hash: input.configurationHash,
    complete: missing.length === 0,
    consistent: beforeMs === null || afterMs === null ? null : beforeMs === afterMs,
    decided_through: afterMs === null || afterMs === 0 ? null : new Date(afterMs).toISOString(),
    missing,
    ...values,
  };
}

/** For people: one indent per level, a line break at the end. `scrub` takes known secrets out of every text. */
export function snapshotText(document: SnapshotDocument, scrub: (text: string) => string): string {
  return `${JSON.stringify(document, (_name, value: unknown) => (typeof value === 'string' ? scrub(value) : value), 2)}\n`;
}
