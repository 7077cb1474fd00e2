/** The cells of the matrix: every step of a runbook × what is done to the run while it is at that step. */
import { runbookDefinition, type RunbookName } from '../../../core/runbooks/runbook.js';
import { seededRandom } from '../seeded-random.js';

/** Killed with SIGKILL; `cancel` asks the run itself to end early. */
export const DISTURBANCES = ['maintenance-worker', 'trading-worker', 'temporal', 'postgres', 'cancel'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

export interface Cell {
  runbook: RunbookName;
  step: string;
  disturbance: Disturbance;
}

export function cellsOf(runbooks: readonly RunbookName[]): Cell[] {
  return runbooks.flatMap((runbook) =>
    runbookDefinition(runbook).steps.flatMap((step) => DISTURBANCES.map((disturbance) => ({ runbook, step, disturbance }))));
}

/** At most `count` of them, chosen by the seed, in their own order. */
export function sampleOf(cells: readonly Cell[], { count, seed }: { count: number; seed: number }): Cell[] {
  const random = seededRandom(seed);
  const drawn = cells.map((cell) => ({ cell, lot: random.next() })).sort((a, b) => a.lot - b.lot).slice(0, count);
  const chosen = new Set(drawn.map(({ cell }) => cell));
  return cells.filter((cell) => chosen.has(cell));
}
