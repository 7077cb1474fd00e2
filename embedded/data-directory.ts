/**
 * The data directory: what must survive, and who may use it.
 *
 * Invariants
 * 1. One stack at a time: the lock names the process and since when; the lock of a dead process is taken over.
 * 2. A data directory belongs to one mode and one market. The ledger of one account is never continued with another.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { BotError } from '../core/errors/bot-error.js';
import { lockOwner, tryLock } from './file-lock.js';

export const DEFAULT_DATA_DIR = 'data';
/** Owner only: keys and the ledger are in here. */
const DIRECTORY_MODE = 0o700;
/** The database server may run as another user and must be able to pass through. */
const PASSABLE_MODE = 0o711;

export interface DataDirectory {
  /** absolute */
  path: string;
  runDirectory: string;
  temporalDirectory: string;
  postgresDirectory: string;
  simulatorDirectory: string;
  /** lies there from the first embedded ledger on */
  ledgerNote: string;
  keysFile: string;
  logsDirectory: string;
}

/** The guide keeps logs beside the default data directory; another data directory keeps its logs inside. */
export function dataDirectory(option: string): DataDirectory {
  const path = isAbsolute(option) ? option : resolve(option);
  return {
    path,
    runDirectory: join(path, 'run'),
    temporalDirectory: join(path, 'temporal'),
    postgresDirectory: join(path, 'postgres'),
    simulatorDirectory: join(path, 'simulator'),
    ledgerNote: join(path, 'ledger-was-here.txt'),
    keysFile: join(path, 'paper-keys.json'),
    logsDirectory: path === resolve(DEFAULT_DATA_DIR) ? resolve('logs') : join(path, 'logs'),
  };
}

/** Throws 10006 when a living stack uses the directory. Writes nothing. */
export function refuseWhenInUse(directory: DataDirectory): void {
  const owner = lockOwner(lockFile(directory));
  if (owner !== undefined) throw inUse(directory, owner);
}

/** Takes the directory, creating it when absent; returns how to give it back. Throws 10006 when a living stack uses it. */
export function takeDataDirectory(directory: DataDirectory): () => void {
  try {
    mkdirSync(directory.path, { recursive: true, mode: PASSABLE_MODE });
    mkdirSync(directory.runDirectory, { recursive: true, mode: DIRECTORY_MODE });
    mkdirSync(directory.logsDirectory, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    throw new BotError(10006, `The data directory ${directory.path} cannot be written: ${(error as Error).message}`, { fix: 'Choose another one with --data-dir, or correct its permissions' });
  }
  const attempt = tryLock(lockFile(directory));
  if (attempt.kind === 'held') throw inUse(directory, attempt.owner);
  return attempt.release;
}

function lockFile(directory: DataDirectory): string {
  return join(directory.runDirectory, 'stack.lock');
}

function inUse(directory: DataDirectory, owner: { pid: number; since: string }): BotError {
  return new BotError(10006, `The data directory ${directory.path} is in use by process ${owner.pid} since ${owner.since}`, {
    fix: `Stop process ${owner.pid} first, or start with another --data-dir (and other ports)`,
    retryable: false,
  });
}

const recordSchema = z.object({
  mode: z.enum(['paper', 'demo', 'testnet', 'live']),
  market: z.object({
    source: z.enum(['live', 'replay', 'synthetic']),
    data: z.string().optional(),
    speed: z.union([z.number(), z.literal('max')]).optional(),
    seed: z.number().optional(),
    from: z.string().optional(),
    to: z.string().optional(),
    /** moved in time so that it starts with the first start and keeps pace with the wall clock */
    rebase: z.boolean().optional(),
    symbols: z.array(z.string()),
  }).optional(),
});

/** What the directory holds; `market` only in paper mode. */
export type StackRecord = z.output<typeof recordSchema>;
export type MarketRecord = NonNullable<StackRecord['market']>;

/** undefined for a new directory. Throws 40003 when the record is damaged. */
export function readStackRecord(directory: DataDirectory): StackRecord | undefined {
  const path = recordFile(directory);
  if (!existsSync(path)) return undefined;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new BotError(40003, `${path} is damaged: what this data directory holds is not known`, { fix: 'Restore it from a backup, or start with another --data-dir' });
  }
}

/**
 * Notes what the directory holds. Returns how to undo that when the very first start fails: a mistyped market must not
 * bind the directory, and nothing has traded on it yet.
 */
export function claimDirectory(directory: DataDirectory, record: StackRecord): () => void {
  const isNew = !existsSync(recordFile(directory));
  writeRecord(recordFile(directory), record);
  return () => {
    if (!isNew) return;
    rmSync(directory.simulatorDirectory, { recursive: true, force: true });
    rmSync(recordFile(directory), { force: true });
  };
}

function writeRecord(path: string, record: StackRecord): void {
  writeFileSync(`${path}.incoming`, JSON.stringify(record, undefined, 2));
  renameSync(`${path}.incoming`, path);
}

function recordFile(directory: DataDirectory): string {
  return join(directory.path, 'stack.json');
}
