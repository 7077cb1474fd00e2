import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aRun, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const idOf = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

describe('the record of a run', () => {
  let database: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it('is read as it was written, by its id or as the newest of its workflow', async () => {
    const older = aRun({ runId: idOf(1), startedMs: T0 - 10_000, endedMs: T0 - 9_000 });
    const newer = aRun({ runId: idOf(2), planId: 'x-1', result: null, state: 'running', endedMs: null, revision: 2 });
    await ledger.saveRun(older);
    await ledger.saveRun(newer);
    expect(await ledger.run(idOf(1))).toEqual(older);
    expect(await ledger.run('saveState-save')).toEqual(newer);
    expect(await ledger.run('nothing')).toBeNull();
  });

  it('is never replaced by an older word', async () => {
    const ended = aRun({ runId: idOf(2), planId: 'x-1', revision: 5 });
    await ledger.saveRun(ended);
    await ledger.saveRun({ ...ended, state: 'running', result: null, endedMs: null, revision: 4 });
    expect(await ledger.run(idOf(2))).toEqual(ended);
  });

  it('is listed the newest first, of one runbook when asked for, and tells the durations of those that were completed', async () => {
    await ledger.saveRun(aRun({ runId: idOf(3), runbook: 'gracefulRestart', workflowId: 'gracefulRestart-services', state: 'failed', startedMs: T0 + 5_000, endedMs: T0 + 6_000 }));
    expect((await ledger.runs({ limit: 2 })).map(({ runId }) => runId)).toEqual([idOf(3), idOf(2)]);
    expect((await ledger.runs({ limit: 9, runbook: 'saveState' })).map(({ runId }) => runId)).toEqual([idOf(2), idOf(1)]);
    expect(await ledger.runDurationsMs('saveState')).toEqual([1_000, 1_000]);
    expect(await ledger.runDurationsMs('gracefulRestart')).toEqual([]);
  });
});
