/** docs/DRILLS.md, from what was seen. A run of some runbooks replaces their sections and leaves the others as they were. */
import { DISTURBANCES, type Cell } from './cells.js';
import type { CellResult } from './run-cell.js';

export interface MatrixRun {
  command: string;
  seed: number;
  /** facts on machine, versions and revision */
  machine: readonly string[];
  date: Date;
  results: readonly CellResult[];
}

const SECTION = /^## /m;
const VERDICT = /\*\*(\d+) of (\d+) cells passed\*\*/;

/** `before`: the page as it is; empty: there is none. */
export function matrixPage(run: MatrixRun, before: string): string {
  const sections = new Map(sectionsOf(before));
  for (const runbook of new Set(run.results.map(({ cell }) => cell.runbook))) sections.set(runbook, sectionFor(runbook, run));
  const ordered = [...sections].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, section]) => section);
  return [
    '# Drills: every runbook, disturbed at every step', '',
    'Written by the commands below; not edited by hand. In each cell a whole stack trades a market that does not wait, a runbook is started, started a second',
    'time (it must attach), and disturbed at the step: the process is killed with SIGKILL, or the run is cancelled. Afterwards the run must have ended as it',
    'should, what the runbook promises must be true, and an independent checker compares the exchange with the ledger: every order and execution once,',
    'balance, profit, fees and funding to the last decimal, no position without its stop.', '',
    `All tables together: ${verdict(ordered.reduce(withCounts, { passed: 0, all: 0 }))}.`, '',
    'Each number: seconds from the start of the run to its end, disturbance included. `c`: ended as cancelled. `·`: not in this run.', '',
    ...ordered,
  ].join('\n');
}

interface Counts {
  passed: number;
  all: number;
}

function verdict({ passed, all }: Counts): string {
  return `**${passed} of ${all} cells passed**`;
}

function withCounts({ passed, all }: Counts, section: string): Counts {
  const [, ofThem = '0', there = '0'] = VERDICT.exec(section) ?? [];
  return { passed: passed + Number(ofThem), all: all + Number(there) };
}

/** Each under the name of its runbook. */
function sectionsOf(page: string): [string, string][] {
  return page.split(SECTION).slice(1).map((text): [string, string] => [text.split('\n', 1)[0] ?? '', `## ${text.trimEnd()}\n`]);
}

function sectionFor(runbook: string, { command, seed, machine, date, results }: MatrixRun): string {
  const own = results.filter(({ cell }) => cell.runbook === runbook);
  const failed = own.filter(({ findings }) => findings.length > 0);
  return [
    `## ${runbook}`, '',
    `${verdict({ passed: own.length - failed.length, all: own.length })}: \`${command}\`, seed ${seed}, ${[date.toISOString().slice(0, 10), ...machine].join('; ')}.`, '',
    ...tableOf(own),
    ...failed.map(({ cell, findings }) => `- failed, ${cell.disturbance} at "${cell.step}": ${findings.slice(0, 5).join('; ')}`), ...(failed.length > 0 ? [''] : []),
  ].join('\n');
}

function tableOf(results: readonly CellResult[]): string[] {
  const steps = [...new Set(results.map(({ cell }) => cell.step))];
  const row = (step: string): string => `| ${step} | ${DISTURBANCES.map((disturbance) => markOf(results.find(({ cell }) => isAt(cell, { step, disturbance })))).join(' | ')} |`;
  return [`| step | ${DISTURBANCES.map((name) => (name === 'cancel' ? 'cancelled' : `${name} killed`)).join(' | ')} |`, `|---|${DISTURBANCES.map(() => '---:|').join('')}`, ...steps.map(row), ''];
}

function isAt(cell: Cell, { step, disturbance }: Pick<Cell, 'step' | 'disturbance'>): boolean {
  return cell.step === step && cell.disturbance === disturbance;
}

function markOf(result: CellResult | undefined): string {
  if (result === undefined) return '·';
  if (result.findings.length > 0) return '**failed**';
  return `${result.seconds.toFixed(1)}${result.state === 'cancelled' ? ' c' : ''}`;
}
