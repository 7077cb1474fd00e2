import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDirectory, dataDirectory, readStackRecord, refuseWhenInUse, takeDataDirectory, type DataDirectory, type StackRecord } from '../../../embedded/data-directory.js';
import { paperKeys } from '../../../embedded/paper-keys.js';

const RECORD: StackRecord = { mode: 'paper', market: { source: 'synthetic', seed: 7, speed: 'max', symbols: ['BTCUSDT'] } };

let folder: string;
let directory: DataDirectory;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot-data-'));
  directory = dataDirectory(join(folder, 'data'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a second stack on the directory is refused with who uses it and since when, until the first gives it back', () => {
  const release = takeDataDirectory(directory);
  const refusal = { code: 10006, message: expect.stringMatching(new RegExp(`in use by process ${process.pid} since \\d{4}-`)), fix: expect.stringContaining('--data-dir') };
  expect(() => refuseWhenInUse(directory)).toThrow(expect.objectContaining(refusal));
  expect(() => takeDataDirectory(directory)).toThrow(expect.objectContaining(refusal));
  release();
  expect(() => refuseWhenInUse(directory)).not.toThrow();
  takeDataDirectory(directory)();
});

test.each([
  ['of a process that is gone', { pid: 2 ** 30, startTime: 'x' }],
  ['of another process that had this pid', { pid: process.pid, startTime: 'another' }],
])('a lock %s is taken over', (_case, owner) => {
  mkdirSync(directory.runDirectory, { recursive: true });
  writeFileSync(join(directory.runDirectory, 'stack.lock'), JSON.stringify({ ...owner, since: '2025-01-01T00:00:00Z', token: 't' }));
  const release = takeDataDirectory(directory);
  expect(() => refuseWhenInUse(directory)).toThrow(`process ${process.pid}`);
  release();
});

test('asking whether a directory is in use writes nothing', () => {
  refuseWhenInUse(directory);
  expect(readStackRecord(directory)).toBeUndefined();
  expect(existsSync(directory.path)).toBe(false);
});

test('what the directory holds is remembered', () => {
  takeDataDirectory(directory)();
  claimDirectory(directory, RECORD);
  expect(readStackRecord(directory)).toEqual(RECORD);
});

test('a very first start that fails leaves the directory free for another market; a later one does not', () => {
  takeDataDirectory(directory)();
  const undoFirst = claimDirectory(directory, RECORD);
  mkdirSync(directory.simulatorDirectory);
  undoFirst();
  expect(readStackRecord(directory)).toBeUndefined();
  expect(existsSync(directory.simulatorDirectory)).toBe(false);

  claimDirectory(directory, RECORD);
  mkdirSync(directory.simulatorDirectory);
  claimDirectory(directory, RECORD)();
  expect(readStackRecord(directory)).toEqual(RECORD);
  expect(existsSync(directory.simulatorDirectory)).toBe(true);
});

test('a damaged record is refused instead of guessed', () => {
  takeDataDirectory(directory)();
  writeFileSync(join(directory.path, 'stack.json'), '{"mode":');
  expect(() => readStackRecord(directory)).toThrow(expect.objectContaining({ code: 40003 }));
});

test('logs lie beside the default directory and inside any other', () => {
  expect(dataDirectory('data').logsDirectory).toBe(resolve('logs'));
  expect(dataDirectory('./data').logsDirectory).toBe(resolve('logs'));
  expect(directory.logsDirectory).toBe(join(directory.path, 'logs'));
});

test('paper keys are made once, kept, and readable by their owner only', () => {
  takeDataDirectory(directory)();
  const keys = paperKeys(directory.keysFile);
  expect(paperKeys(directory.keysFile)).toEqual(keys);
  expect(statSync(directory.keysFile).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(directory.keysFile, 'utf8'))).toEqual(keys);
});

test('damaged paper keys are refused: new ones would lock the bot out of its account', () => {
  takeDataDirectory(directory)();
  writeFileSync(directory.keysFile, 'oops');
  expect(() => paperKeys(directory.keysFile)).toThrow(expect.objectContaining({ code: 40003 }));
});
