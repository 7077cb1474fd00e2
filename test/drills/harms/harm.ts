/** What goes wrong around a runbook that nobody kills: exchange, disk, storage, key, message. */
import type { RunOnTheWire } from '../../../api/runbook-schema.js';
import type { RunbookName } from '../../../core/runbooks/runbook.js';
import type { HarmStage } from './harm-stage.js';

export interface HarmedRun {
  run: RunOnTheWire;
  /** empty: it ended as it must */
  findings: string[];
}

export interface Harm {
  runbook: RunbookName;
  /** what goes wrong */
  what: string;
  /** how the run must end */
  ends: string;
  /** Does the harm, runs the runbook to its end and undoes the harm. A text: why that cannot be done here. */
  carryOut(stage: HarmStage): Promise<HarmedRun | string>;
}

/** What is found when the run did not end in that state, and with that code when one is wanted. */
export function endedAs(run: RunOnTheWire, wanted: { state: RunOnTheWire['state']; code?: number }): string[] {
  const { state, code, outcome } = run;
  if (state === wanted.state && (wanted.code === undefined || code === wanted.code)) return [];
  return [`ended as ${state} (${code ?? 'no code'}), wanted ${wanted.state} (${wanted.code ?? 'any code'}): ${outcome ?? ''}`];
}
