/**
 * `POST /api/v1/state/save` and `/state/emergency-save`: a snapshot of the whole bot as a file in the data directory.
 *
 * Invariants
 * 1. A save is complete or refused with what is missing. It says whether a decision was taken while it was read, and tries
 *    again when one was: on a market that plays faster than it can be read, that remains so.
 * 2. An emergency save takes what can be had, with Temporal, the database or both away, and says what it lacks.
 */
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';
import { buildSnapshot, SNAPSHOT_PARTS, snapshotText, type SnapshotDocument, type SnapshotKind } from '../../core/snapshot/snapshot.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand, type CommandInput } from '../command.js';
import { NOTHING, type Route } from '../route.js';
import { readSnapshotParts } from '../snapshot-input.js';
import { instant } from '../wire.js';

/** decisions are minutes apart on any real market */
const TRIES_MAX = 3;

export const stateSavedSchema = z.object({
  ...commandProvenance,
  file: z.string().meta({ description: 'path below the data directory' }),
  bytes: z.int(),
  sha256: z.string(),
  taken_at: instant,
  complete: z.boolean(),
  consistent: z.boolean().nullable().meta({ description: 'no decision was taken while it was read; null: cannot be told' }),
  configuration_hash: z.string().nullable(),
  decided_through: instant.nullable(),
  missing: z.array(z.object({ part: z.enum(SNAPSHOT_PARTS), because: z.string() })),
}).meta({ id: 'StateSaved' });

const ROUTES = {
  save: { path: '/api/v1/state/save', summary: 'Save a complete snapshot of the bot', what: 'state.save' },
  emergency: { path: '/api/v1/state/emergency-save', summary: 'Save whatever can be had of the bot now, with anything away', what: 'state.emergency_save' },
} as const;

export function saveStateRoute(kind: SnapshotKind, dependencies: ApiDependencies): Route {
  return defineCommand({
    ...ROUTES[kind],
    role: 'operator',
    body: NOTHING,
    reply: stateSavedSchema,
    statuses: { 200: 'Saved' },
    source: 'api',
    run: async (input) => {
      const { document, takenAtMs } = await take(kind, input, dependencies);
      const kept = await dependencies.states.keep({ kind, takenAtMs, text: snapshotText(document, (text) => dependencies.redact.text(text)) });
      const { taken_at, complete, consistent, configuration_hash, decided_through, missing } = document;
      return {
        status: 200,
        body: { ...kept, taken_at, complete, consistent, configuration_hash, decided_through, missing },
        outcome: `saved ${kept.file}${complete ? '' : `, without ${missing.map(({ part }) => part).join(', ')}`}`,
      };
    },
  }, dependencies);
}

type Origin = Pick<CommandInput<typeof NOTHING, typeof NOTHING>, 'actor' | 'reason'>;

async function take(kind: SnapshotKind, { actor, reason }: Origin, dependencies: ApiDependencies): Promise<{ document: SnapshotDocument; takenAtMs: number }> {
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
