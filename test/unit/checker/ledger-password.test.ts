import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedgerPassword } from '../../../checker/ledger-password.js';

let dataDirectory: string;

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'ledger-password-'));
  mkdirSync(join(dataDirectory, 'postgres'));
});

afterEach(() => { rmSync(dataDirectory, { recursive: true, force: true }); });

describe('the password of the embedded database', () => {
  it('is read in the data directory', async () => {
    writeFileSync(join(dataDirectory, 'postgres', 'trading_user.password'), 'one\n');
    expect(await readLedgerPassword(dataDirectory)).toBe('one');
  });

  it('is read where the database is, when a note says that it is elsewhere', async () => {
    const elsewhere = join(dataDirectory, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'trading_user.password'), 'two\n');
    writeFileSync(join(dataDirectory, 'postgres', 'LOCATION'), `${elsewhere}\n`);
    expect(await readLedgerPassword(dataDirectory)).toBe('two');
  });

  it('that is not there is refused with its path', async () => {
    await expect(readLedgerPassword(dataDirectory)).rejects.toThrow(join(dataDirectory, 'postgres', 'trading_user.password'));
  });
});
