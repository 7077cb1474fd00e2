import { expect, it } from 'vitest';
import { RUNBOOK_NAMES } from '../../core/runbooks/runbook.js';
import { SITUATIONS } from '../drills/situations/all.js';

it('every runbook of the product is drilled', () => {
  expect(SITUATIONS.map(({ runbook }) => runbook).sort()).toEqual([...RUNBOOK_NAMES].sort());
});
