/** Errors of the machine and its servers: each is provoked for real and seen in the log, in the API and in the metrics. */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createTestDatabase } from '../../support/postgres.js';
import { setErrorStage } from './error-stage.js';
import { SYSTEM_PROVOCATIONS, type SystemStage } from './system-provocations.js';

describe('outside of trading', () => {
  let stage: SystemStage;
  beforeAll(async () => {
    const errors = setErrorStage('part');
    const [database, folder] = [await createTestDatabase(), mkdtempSync(join(tmpdir(), 'errors-'))];
    chmodSync(folder, 0o755);
    stage = { ...errors, database, folder, api: await errors.connect(database.databaseUrl) };
  });
  afterAll(async () => {
    await stage.close();
    await stage.database.drop();
    rmSync(stage.folder, { recursive: true, force: true });
  });

  it.each(SYSTEM_PROVOCATIONS)('$codes is raised when $when', async ({ codes, provoke }) => {
    await provoke(stage);
    for (const code of codes) await stage.seen(code);
  });
});
