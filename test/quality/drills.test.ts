import { expect, it } from 'vitest';
import type { Cell } from '../drills/matrix/cells.js';
import { matrixPage } from '../drills/matrix/report.js';
import type { CellResult } from '../drills/matrix/run-cell.js';
import { RUNBOOK_NAMES } from '../../core/runbooks/runbook.js';
import { SITUATIONS } from '../drills/situations/all.js';

it('every runbook of the product is drilled', () => {
  expect(SITUATIONS.map(({ runbook }) => runbook).sort()).toEqual([...RUNBOOK_NAMES].sort());
});

it('a page of drills keeps the tables that a later run of another runbook has not made anew, and counts all of them', () => {
  const cell = (runbook: Cell['runbook'], findings: string[]): CellResult => ({ cell: { runbook, step: 'a step', disturbance: 'temporal' }, state: 'completed', seconds: 1.25, findings });
  const run = { command: 'npm run drills', seed: 7, date: new Date(0) };
  const first = matrixPage({ ...run, machine: ['revision one'], results: [cell('saveState', ['it broke']), cell('backup', [])] }, '');
  expect(first).toContain('All tables together: **1 of 2 cells passed**.');
  expect(first).toContain('- failed, temporal at "a step": it broke');
  const second = matrixPage({ ...run, machine: ['revision two'], results: [cell('saveState', [])] }, first);
  expect(second).toContain('All tables together: **2 of 2 cells passed**.');
  expect(second).not.toContain('it broke');
  expect(second.match(/^## .*|revision \w+/gm)).toEqual(['## backup', 'revision one', '## saveState', 'revision two']);
});
