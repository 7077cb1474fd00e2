/**
 * Takes a snapshot of the whole bot, for the routes and for runbooks.
 *
 * Invariants
 * 1. A save is complete or refused with what is missing. It says whether a decision was taken while it was read, and tries
 *    again when one was: on a market that plays faster than it can be read, that remains so.
 * 2. An emergency save takes what can be had, with Temporal, the database or both away, and says what it lacks.
 */
import { BotError } from '../core/errors/bot-error.js';
import { buildSnapshot, type SnapshotDocument, type SnapshotKind } from '../core/snapshot/snapshot.js';
import type { ApiDependencies } from './api-dependencies.js';
import { readSnapshotParts, type SnapshotSources } from './snapshot-input.js';

/** decisions are minutes apart on any real market */
const TRIES_MAX = 3;

export interface SnapshotRequest {
  kind: SnapshotKind;
  actor: string;
  reason: string;
}

export async function takeSnapshot({ kind, actor, reason }: SnapshotRequest, dependencies: SnapshotSources & Pick<ApiDependencies, 'clock' | 'mode' | 'market'>): Promise<{ document: SnapshotDocument; takenAtMs: number }> {
  const { clock, mode, market } = dependencies;
  for (let tried = 1; ; tried += 1) {
    const takenAtMs = clock();
    const document = buildSnapshot({ kind, takenAtMs, actor, reason, mode, market, ...(await readSnapshotParts(dependencies)) });
    if (kind === 'emergency') return { document, takenAtMs };
    if (!document.complete) throw incomplete(document);
    if (document.consistent !== false || tried === TRIES_MAX) return { document, takenAtMs };
  }
}

function incomplete({ missing }: SnapshotDocument): BotError {
  const parts = missing.map(({ part, because }) => `${part} (${because})`).join('; ');
  return new BotError(10006, `a complete snapshot is not possible now, missing: ${parts}`, { fix: 'bring back what is away (GET /health), or POST /api/v1/state/emergency-save to keep the rest' });
}
