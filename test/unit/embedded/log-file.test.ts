/** The log file on a real file system: a folder stands where the file should be, which not even root can write. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LOG_FILE_NAME, openLogFile, type LogFile, type LogTrouble } from '../../../embedded/log-file.js';

const SOON = { timeout: 5_000, interval: 10 };
let directory: string;
let file: LogFile | undefined;
let elsewhere: string[];
let troubles: LogTrouble[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-file-'));
  [elsewhere, troubles] = [[], []];
});
afterEach(async () => {
  await file?.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(tryAgainMs = 10): LogFile {
  file = openLogFile({ directory, elsewhere: (line) => void elsewhere.push(line), tryAgainMs });
  file.onTrouble((trouble) => void troubles.push(trouble));
  return file;
}

it('takes the lines, in their order, for the owner only', async () => {
  const log = open();
  log.write('one');
  log.write('two');
  await log.close();
  expect(readFileSync(log.path, 'utf8')).toBe('one\ntwo\n');
  expect({ elsewhere, troubles }).toEqual({ elsewhere: [], troubles: [] });
});

it('that cannot be opened sends its lines elsewhere, says so once (10007), and is written again when it can be', async () => {
  mkdirSync(join(directory, LOG_FILE_NAME));
  const log = open();
  await expect.poll(() => troubles, SOON).toMatchObject([{ code: 10007, message: expect.stringContaining(LOG_FILE_NAME) as string }]);
  log.write('while it fails');
  expect(elsewhere).toEqual(['while it fails']);
  rmdirSync(join(directory, LOG_FILE_NAME));
  await expect.poll(() => troubles.slice(1), SOON).toEqual(['over']);
  log.write('afterwards');
  await log.close();
  expect(readFileSync(log.path, 'utf8')).toBe('afterwards\n');
  expect(elsewhere).toEqual(['while it fails']);
});

// not run because macOS has no /dev/full, and a full disk cannot be had otherwise without a quota
it.skipIf(!existsSync('/dev/full'))('whose disk is full sends its lines elsewhere', async () => {
  symlinkSync('/dev/full', join(directory, LOG_FILE_NAME));
  const log = open(60_000);
  log.write('lost with the file');
  await expect.poll(() => troubles, SOON).toMatchObject([{ code: 10007 }]);
  log.write('elsewhere');
  expect(elsewhere).toContain('elsewhere');
  unlinkSync(join(directory, LOG_FILE_NAME));
});

it('tells a listener that comes late what happened before', async () => {
  mkdirSync(join(directory, LOG_FILE_NAME));
  const log = openLogFile({ directory, elsewhere: (line) => void elsewhere.push(line), tryAgainMs: 60_000 });
  file = log;
  await expect.poll(() => { log.write('x'); return elsewhere.length; }, SOON).toBeGreaterThan(0);
  log.onTrouble((trouble) => void troubles.push(trouble));
  expect(troubles).toMatchObject([{ code: 10007 }]);
});
