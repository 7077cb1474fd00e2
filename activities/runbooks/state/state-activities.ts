/** Saving the state: the snapshot is taken of what this process can ask, and kept as a file in the data directory. */
import { isBotError } from '../../../core/errors/bot-error.js';
import type { KeptSnapshot, StateArchive } from '../../../core/ports/state-archive.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { SaveStateParams } from '../../../core/runbooks/save-state.js';
import { snapshotText, type SnapshotDocument, type SnapshotKind } from '../../../core/snapshot/snapshot.js';
import { withActivityFailures } from '../../failure.js';
import { planned, type PlanDependencies } from '../framework/planned.js';
import type { Logger } from '../../../core/ports/logger.js';

interface SaveRequest {
  kind: SnapshotKind;
  actor: string;
  reason: string;
}

export interface StateDependencies extends PlanDependencies {
  /** rejects with 10006 when kind is `save` and a part is missing */
  takeSnapshot(request: SaveRequest): Promise<{ document: SnapshotDocument; takenAtMs: number }>;
  states: StateArchive;
  /** takes known secrets out of a text */
  scrub(text: string): string;
  logger: Logger;
}

export interface SavedState extends KeptSnapshot {
  /** plain words */
  detail: string;
}

export type StateActivities = ReturnType<typeof createStateActivities>;

export function createStateActivities(deps: StateDependencies) {
  return withActivityFailures({
    planSaveState: planned('saveState', deps, (params) => findings(deps, params)),
    saveState: (request: SaveRequest) => saveState(deps, request),
  }, deps.logger);
}

async function findings({ takeSnapshot }: StateDependencies, { kind }: SaveStateParams): Promise<PlanFindings> {
  const { document } = await takeSnapshot({ kind: 'emergency', actor: 'plan', reason: 'plan' });
  const missing = document.missing.map(({ part, because }) => `${part} cannot be read now (${because})`);
  const refuses = kind === 'save' && missing.length > 0;
  return {
    targets: ['the folder state/ of the data directory'],
    effects: [`a new ${kind === 'save' ? 'snapshot' : 'emergency snapshot'} file is written there; nothing else changes`],
    warnings: refuses ? [] : missing,
    refusals: refuses ? [`${missing.join('; ')}: bring it back, or save with kind emergency`] : [],
    found: { missing: document.missing.map(({ part }) => part) },
  };
}

async function saveState({ takeSnapshot, states, scrub }: StateDependencies, request: SaveRequest): Promise<SavedState> {
  const { document, takenAtMs } = await takeSnapshot(request);
  const kept = await states.keep({ kind: request.kind, takenAtMs, text: snapshotText(document, scrub) });
  const lacking = document.complete ? 'complete' : `without ${document.missing.map(({ part }) => part).join(', ')}`;
  return { ...kept, detail: `${kept.file}, ${kept.bytes} bytes, ${lacking}` };
}

/** A save that is refused for a missing part becomes an emergency save: for runbooks that must not stop at that. */
export async function saveWhatCanBeHad(deps: StateDependencies, request: Omit<SaveRequest, 'kind'>): Promise<SavedState> {
  try {
    return await saveState(deps, { ...request, kind: 'save' });
  } catch (error) {
    if (!isBotError(error) || error.code !== 10006) throw error;
    return saveState(deps, { ...request, kind: 'emergency' });
  }
}
