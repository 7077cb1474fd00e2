/**
 * `POST /api/v1/state/save` and `/state/emergency-save`: a snapshot of the whole bot as a file in the data directory.
 */
import { z } from 'zod';
import { SNAPSHOT_PARTS, snapshotText, type SnapshotKind } from '../../core/snapshot/snapshot.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { NOTHING, type Route } from '../route.js';
import { takeSnapshot } from '../take-snapshot.js';
import { instant } from '../wire.js';

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
    run: async ({ actor, reason }) => {
      const { document, takenAtMs } = await takeSnapshot({ kind, actor, reason }, dependencies);
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
