import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientProgram } from '../../../adapters/postgres/backup/client-programs.js';
import { runProgram } from '../../../adapters/postgres/backup/run-program.js';
import { atLeisure } from './backup-server.js';

/** As the programs of PostgreSQL 15 end. */
const ENDINGS: { what: string; program: ClientProgram; says: string; stderr?: boolean; code: number; is: object }[] = [
  { what: 'pg_amcheck that found damage', program: 'pg_amcheck', says: 'heap table "l.public.executions", block 0, offset 2:\n    line pointer to page offset 7 is not maximally aligned', code: 2, is: { code: 40003 } },
  { what: 'pg_amcheck whose server died', program: 'pg_amcheck', says: 'heap table "l.pg_catalog.pg_proc":\n    server closed the connection unexpectedly', code: 1, is: { code: 10003, retryable: true } },
  { what: 'pg_amcheck that was killed', program: 'pg_amcheck', says: '', code: 137, is: { code: 10003, retryable: true } },
  { what: 'pg_restore that cannot read its file', program: 'pg_restore', says: 'pg_restore: error: could not read from input file: end of file', stderr: true, code: 1, is: { code: 40003 } },
  { what: 'pg_restore that the server refuses', program: 'pg_restore', says: 'pg_restore: error: could not execute query: ERROR:  could not create unique index "orders_pkey"', stderr: true, code: 1, is: { code: 40003 } },
  { what: 'pg_restore whose server died', program: 'pg_restore', says: 'pg_restore: error: error returned by PQputCopyData: server closed the connection unexpectedly', stderr: true, code: 1, is: { code: 10003, retryable: true } },
  { what: 'pg_restore on a server without memory', program: 'pg_restore', says: 'pg_restore: error: could not execute query: ERROR:  out of memory', stderr: true, code: 1, is: { code: 10003, retryable: true } },
  { what: 'pg_restore that was killed', program: 'pg_restore', says: '', code: 137, is: { code: 10003, retryable: true } },
];

describe('a client program of PostgreSQL that fails', () => {
  let directory: string;
  beforeAll(async () => { directory = await mkdtemp(path.join(tmpdir(), 'programs-')); });
  afterAll(() => rm(directory, { recursive: true }));

  it.each(ENDINGS)('$what: $is', async ({ program, says, stderr, code, is }) => {
    const file = path.join(directory, program);
    await writeFile(file, `#!/bin/sh\ncat ${stderr === true ? '>&2 ' : ''}<<'SAID'\n${says}\nSAID\nexit ${code}\n`);
    await chmod(file, 0o700);
    const programs = { directory } as Parameters<typeof runProgram>[0]['programs'];
    await expect(runProgram({ programs, program, args: [], databaseUrl: 'postgres://u:p@127.0.0.1:1/l', work: atLeisure })).rejects.toMatchObject(is);
  });
});
