import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { migrate } from '../../../adapters/postgres/migrate.js';
import type { BotError } from '../../../core/errors/bot-error.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../embedded/postgres/start.js';
import { anExecution, T0 } from '../../support/postgres-facts.js';
import { silentLogger as logger } from '../../support/silent-logger.js';

const ROUNDS = 3;
const WRITERS = 4;

describe('a database server killed in the middle of writes', () => {
  let directory: string;
  let port: number;
  let server: EmbeddedPostgres;
  let ledger: Ledger;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'killed-postgres-'));
    chmodSync(directory, 0o755);
    port = await pickFreePort();
    server = await start();
    await migrate({ databaseUrl: server.databaseUrl, logger });
    ledger = await createPostgresLedger({ databaseUrl: server.databaseUrl, logger });
  });
  afterAll(async () => {
    await ledger.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  function start(): Promise<EmbeddedPostgres> {
    return startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), port, env: process.env, sharedBuffersMb: 32, logger });
  }

  it('loses no acknowledged execution, doubles none, and the same ledger goes on when it is back', async () => {
    const acknowledged = new Set<string>();
    let written = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const failures: BotError[] = [];
      const writers = Array.from({ length: WRITERS }, async () => {
        while (failures.length === 0) {
          const execution = anExecution({ execId: `exec-${(written += 1)}`, execMs: T0 + written });
          await ledger.saveExecutions([execution]).then(() => acknowledged.add(execution.execId), (error: unknown) => failures.push(error as BotError));
        }
      });
      const target = acknowledged.size + 50;
      await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(target);
      process.kill(server.pid, 'SIGKILL');
      await Promise.all([...writers, server.ended]);
      expect(new Set(failures.map((error) => error.code))).toEqual(new Set([10003]));
      server = await start();
    }
    const stored = (await ledger.executionsOf({ fromMs: 0 })).map((execution) => execution.execId);
    expect(new Set(stored).size).toBe(stored.length);
    expect([...acknowledged].filter((id) => !stored.includes(id))).toEqual([]);
  }, 120_000);

  it('serves the first call after a restart, although every connection of the pool is dead', async () => {
    await Promise.all(Array.from({ length: 8 }, () => ledger.ping()));
    await server.stop();
    await expect(ledger.ping()).rejects.toMatchObject({ code: 10003, retryable: true });
    server = await start();
    expect((await ledger.ping()).serverVersion).not.toBe('');
    expect(await ledger.saveExecutions([anExecution({ execId: 'after-the-restart' })])).toBe(1);
  }, 60_000);
});
