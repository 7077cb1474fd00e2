import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPostgres, type BinarySearch } from '../../../../embedded/postgres/binaries.js';
import { silent } from '../../../../embedded/progress.js';

describe('the search for PostgreSQL\'s programs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'binaries-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function search(given: Partial<BinarySearch>): BinarySearch {
    return { env: process.env, user: undefined, major: undefined, systemDirectories: [folder], onProgress: silent, ...given };
  }

  function install(version: string): void {
    for (const name of ['postgres', 'initdb']) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho "postgres (PostgreSQL) ${version} (Test)"\n`);
      chmodSync(join(folder, name), 0o755);
    }
  }

  it('takes a system\'s own programs first', async () => {
    install('16.4');
    expect(await findPostgres(search({}))).toEqual({ binDirectory: folder, version: '16.4', major: 16 });
  });

  it('passes over programs that are too old or do not run', async () => {
    install('9.6.24');
    expect((await findPostgres(search({}))).binDirectory).not.toBe(folder);
    writeFileSync(join(folder, 'postgres'), '#!/bin/sh\nexit 127\n');
    expect((await findPostgres(search({}))).binDirectory).not.toBe(folder);
  });

  it('takes only the major that made an existing database, and otherwise says what is needed, what is there and how to get it', async () => {
    install('16.4');
    await expect(findPostgres(search({ major: 99 }))).rejects.toMatchObject({
      code: 10003,
      retryable: false,
      message: expect.stringMatching(/PostgreSQL 99, which made the existing database is needed, but found only 16\.4 in /) as string,
      fix: expect.stringContaining('apt-get install postgresql-99') as string,
    });
  });
});
