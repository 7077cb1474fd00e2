/** docs/DRILLS.md, from what was seen. */
import { DISTURBANCES, type Cell } from './cells.js';
import type { CellResult } from './run-cell.js';

export interface MatrixReport {
  command: string;
  seed: number;
  machine: readonly string[];
  date: Date;
  elapsedSeconds: number;
  /** cells that exist; fewer were run when a sample was asked for */
  cellsInAll: number;
  results: readonly CellResult[];
}

export function matrixPage(report: MatrixReport): string {
  const { results, cellsInAll, elapsedSeconds } = report;
  const passed = results.filter(({ findings }) => findings.length === 0).length;
  const runbooks = [...new Set(results.map(({ cell }) => cell.runbook))];
  return [
    '# Drills: every runbook, disturbed at every step', '',
    'Written by the command below; not edited by hand. In each cell a whole stack trades a market that does not wait, a runbook is started, started a second',
    'time (it must attach), and disturbed at the step: the process is killed with SIGKILL, or the run is cancelled. Afterwards the run must have ended as it',
    'should, what the runbook promises must be true, and an independent checker compares the exchange with the ledger: every order and execution once,',
    'balance, profit, fees and funding to the last decimal, no position without its stop.', '',
    `- \`${report.command}\`, seed ${report.seed}, ${report.date.toISOString().slice(0, 10)}`,
    ...report.machine.map((fact) => `- ${fact}`),
    `- ${results.length} of ${cellsInAll} cells run in ${(elapsedSeconds / 60).toFixed(0)} min: **${passed} passed, ${results.length - passed} failed**`, '',
    'Each number: seconds from the start of the run to its end, disturbance included. `c`: ended as cancelled. `·`: not in this run.', '',
    ...runbooks.flatMap((runbook) => tableOf(runbook, results.filter(({ cell }) => cell.runbook === runbook))),
    ...findingsOf(results),
  ].join('\n');
}

function tableOf(runbook: string, results: readonly CellResult[]): string[] {
  const steps = [...new Set(results.map(({ cell }) => cell.step))];
  const row = (step: string): string => `| ${step} | ${DISTURBANCES.map((disturbance) => markOf(results.find(({ cell }) => isAt(cell, { step, disturbance })))).join(' | ')} |`;
  return [`## ${runbook}`, '', `| step | ${DISTURBANCES.map((name) => (name === 'cancel' ? 'cancelled' : `${name} killed`)).join(' | ')} |`, `|---|${DISTURBANCES.map(() => '---:|').join('')}`, ...steps.map(row), ''];
}

function isAt(cell: Cell, { step, disturbance }: Pick<Cell, 'step' | 'disturbance'>): boolean {
  return cell.step === step && cell.disturbance === disturbance;
}

function markOf(result: CellResult | undefined): string {
  if (result === undefined) return '·';
  if (result.findings.length > 0) return '**failed**';
  return `${result.seconds.toFixed(1)}${result.state === 'cancelled' ? ' c' : ''}`;
}

function findingsOf(results: readonly CellResult[]): string[] {
  const failed = results.filter(({ findings }) => findings.length > 0);
  if (failed.length === 0) return [];
  return ['## What failed', '', ...failed.map(({ cell, findings }) => `- ${cell.runbook}, ${cell.disturbance} at "${cell.step}": ${findings.slice(0, 5).join('; ')}`), ''];
}
