/** The short form of `npm run drills -- --only recovery`: real processes, PostgreSQL's folder deleted, one command, its worker killed twice. */
import { expect, it } from 'vitest';
import { RECOVERY_STEPS } from '../../../core/runbooks/database-recovery.js';
import { drillRecovery } from '../../drills/recovery-drill.js';

const TIMEOUT_MS = 240_000;

it('one command recovers a ledger whose files were deleted while three positions are open, with its worker killed in the restore and at the swap', async () => {
  const kills = [RECOVERY_STEPS.restore, RECOVERY_STEPS.swap].map((step) => ({ victim: 'maintenance-worker' as const, step }));
  const { findings, trades } = await drillRecovery({ loss: 'deleted', seed: 3, kills });
  expect(findings).toEqual([]);
  expect(trades.open + trades.closed).toBeGreaterThanOrEqual(5);
}, TIMEOUT_MS);
