import { describe, expect, it } from 'vitest';
import { fenceIdFor, isFence, keptClusterName, recoveryNames } from '../../../../core/runbooks/database-recovery.js';

const AT_MS = Date.UTC(2026, 10, 28, 14, 48, 0);

describe('what a recovery calls things', () => {
  it('is the same for every repetition within a run, and fits into a name of PostgreSQL', () => {
    expect(recoveryNames('trading_bot_prod', AT_MS)).toEqual({ restored: 'trading_bot_prod_restore_20261128t144800z', kept: 'trading_bot_prod_old_20261128t144800z' });
    const { restored, kept } = recoveryNames('n'.repeat(63), AT_MS);
    expect(restored).toHaveLength(63);
    expect(kept).toHaveLength(63);
    expect(keptClusterName(AT_MS)).toBe('cluster_old_20261128t144800z');
  });

  it('tells a fence of its own from an emergency stop, and the fences of two runs of one minute apart', () => {
    const [first, second] = ['01a222b7-912c-702b-9e97-25b9b31e0b8a', '01a222b7-912c-702b-9e97-0cfae0e54368'].map(fenceIdFor);
    expect(first).not.toBe(second);
    expect([first ?? '', 'halt-5f0c2a9e'].map(isFence)).toEqual([true, false]);
  });
});
