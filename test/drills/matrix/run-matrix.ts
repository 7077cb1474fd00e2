/** The whole matrix, or a seeded sample of it. A cell that fails costs its stack: the next one begins on a fresh one. */
import type { RunbookName } from '../../../core/runbooks/runbook.js';
import { writeChattyConfiguration } from '../chatty-configuration.js';
import { startDrilledStack, type DrilledStack } from '../drilled-stack.js';
import { SITUATIONS } from '../situations/all.js';
import { cellsOf, sampleOf, type Cell } from './cells.js';
import { runCell, type CellResult } from './run-cell.js';

export interface MatrixOptions {
  seed: number;
  /** at most so many, chosen by the seed; absent: all */
  count: number | undefined;
  runbooks: readonly RunbookName[];
  progress(line: string): void;
}

/** five minutes of market in a second, for longer than any stack of the matrix lives */
export const MATRIX_MARKET = { data: undefined, fromMs: Date.UTC(2026, 0, 5), days: 40, speed: 300 };
/** the market of a stack ends some day */
const CELLS_PER_STACK_MAX = 40;

export async function runMatrix({ seed, count, runbooks, progress }: MatrixOptions): Promise<CellResult[]> {
  const all = cellsOf(runbooks);
  const cells = count === undefined ? all : sampleOf(all, { count, seed });
  const results: CellResult[] = [];
  let stack: { drilled: DrilledStack; cells: number } | undefined;
  try {
    for (const cell of cells) {
      stack ??= { drilled: await startDrilledStack({ market: { ...MATRIX_MARKET, marketSeed: seed }, configPath: await writeChattyConfiguration('5') }), cells: 0 };
      stack.cells += 1;
      const result = await runCell(cell, situationOf(cell), stack.drilled);
      results.push(result);
      progress(`${results.length} of ${cells.length}  ${told(result)}`);
      if (result.findings.length === 0 && stack.cells < CELLS_PER_STACK_MAX) continue;
      await stack.drilled.end();
      stack = undefined;
    }
  } finally {
    await stack?.drilled.end();
  }
  return results;
}

function situationOf({ runbook }: Cell): (typeof SITUATIONS)[number] {
  const situation = SITUATIONS.find((each) => each.runbook === runbook);
  if (situation === undefined) throw new Error(`nobody has written in which situation ${runbook} is drilled: test/drills/situations`);
  return situation;
}

function told({ cell, state, seconds, findings }: CellResult): string {
  const where = `${cell.runbook}: ${cell.disturbance} at "${cell.step}"`;
  return findings.length === 0 ? `${where}: ${state ?? '?'} in ${seconds.toFixed(1)} s` : `${where}: FAILED: ${findings.slice(0, 3).join('; ')}`;
}
