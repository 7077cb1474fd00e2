/** Backups whose disk, storage, bytes or key are not what they were. Whatever happens, only what was proven counts. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateX25519Identity } from 'age-encryption';
import { BACKUP_STEPS } from '../../../core/runbooks/backup.js';
import { flipOneBit } from '../../integration/backup/backup-server.js';
import { backAgain, type DrilledStack } from '../drilled-stack.js';
import { startRun } from '../runbook-drill.js';
import { aBackup } from '../situations/backups.js';
import { endedAs, type Harm, type HarmedRun } from './harm.js';

const REASON = 'drill: harm';
/** enough to be begun: the plan wants as much free space as the database takes */
const SMALL_DISK = 'size=64m';
const NO_STORAGE = 'no S3 server can be had here';
const run = promisify(execFile);

interface Listed {
  backup_id: string;
  verified: boolean;
  places: string[];
}

async function listed({ stack }: DrilledStack, backupId: unknown): Promise<Listed | undefined> {
  const reply = await fetch(`${stack.apiUrl}/api/v1/backups`);
  return ((await reply.json()) as { backups: Listed[] }).backups.find(({ backup_id: id }) => id === backupId);
}

async function mounted(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  return run('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'tmpfs', folder]).then(() => true, () => false);
}

export const diskFull: Harm = {
  runbook: 'backup',
  what: 'the disk is full from the dump on',
  ends: 'failed (10006), nothing of it counts',
  carryOut: async ({ drilled }) => {
    const folder = path.join(drilled.stack.dataDir, 'backups');
    if (!(await mounted(folder))) return 'a small disk needs the right to mount one (root on Linux)';
    const ended = await fullFromTheDumpOn(drilled, folder).finally(() => run('umount', [folder]));
    const left = await listed(drilled, ended.figures['backupId']);
    return { run: ended, findings: [...endedAs(ended, { state: 'failed', code: 10006 }), ...(left === undefined ? [] : [`${left.backup_id} is listed`])] };
  },
};

async function fullFromTheDumpOn({ stack }: DrilledStack, folder: string): Promise<HarmedRun['run']> {
  const started = await startRun(stack, 'backup', { reason: REASON });
  await started.reached(BACKUP_STEPS.database);
  await run('fallocate', ['--length', '64M', path.join(folder, 'filler')]).catch(() => run('dd', ['if=/dev/zero', `of=${path.join(folder, 'filler')}`]).catch(() => undefined));
  return started.ended();
}

export const uploadCut: Harm = {
  runbook: 'backup',
  what: 'the connection to the storage breaks during the upload',
  ends: 'completed, and the copy is whole or said to be missing',
  carryOut: async ({ drilled, storage }) => {
    if (storage === undefined) return NO_STORAGE;
    const started = await startRun(drilled.stack, 'backup', { reason: REASON });
    await started.reached(BACKUP_STEPS.upload);
    storage.cut();
    const ended = await started.ended().finally(() => { storage.mend(); });
    return { run: ended, findings: [...endedAs(ended, { state: 'completed' }), ...(await copyFindings(drilled, ended)), ...(await repairedByTheNext(drilled, ended))] };
  },
};

export const storageLost: Harm = {
  runbook: 'backup',
  what: 'the storage does not answer',
  ends: 'completed and counted, the missing copy is told; the next backup stores it',
  carryOut: async ({ drilled, storage }) => {
    if (storage === undefined) return NO_STORAGE;
    storage.cut();
    const ended = await (await startRun(drilled.stack, 'backup', { reason: REASON })).ended().finally(() => { storage.mend(); });
    const told = ended.remaining.length > 0 ? [] : ['nobody is told that the copy is missing'];
    return { run: ended, findings: [...endedAs(ended, { state: 'completed' }), ...told, ...(await copyFindings(drilled, ended)), ...(await repairedByTheNext(drilled, ended))] };
  },
};

/** It counts, and a copy that is not there is named as work that is left. */
async function copyFindings(drilled: DrilledStack, { figures, remaining }: HarmedRun['run']): Promise<string[]> {
  const backup = await listed(drilled, figures['backupId']);
  if (backup?.verified !== true) return ['the backup does not count'];
  return backup.places.includes('s3') || remaining.length > 0 ? [] : ['the copy is missing, and nobody is told'];
}

async function repairedByTheNext(drilled: DrilledStack, { figures }: HarmedRun['run']): Promise<string[]> {
  await aBackup(drilled);
  const places = (await listed(drilled, figures['backupId']))?.places ?? [];
  return places.includes('s3') ? [] : ['the next backup has not stored the missing copy'];
}

export const bitFlipped: Harm = {
  runbook: 'verifyBackup',
  what: 'one bit of the stored dump is another one',
  ends: 'failed (40003), it no longer counts',
  carryOut: async ({ drilled }) => {
    const backupId = await aBackup(drilled);
    await flipOneBit(path.join(drilled.stack.dataDir, 'backups', backupId, 'database.dump.age'));
    const ended = await verification(drilled, backupId);
    const counts = (await listed(drilled, backupId))?.verified === true ? ['the damaged backup counts'] : [];
    return { run: ended, findings: [...endedAs(ended, { state: 'failed', code: 40003 }), ...counts] };
  },
};

export const wrongKey: Harm = {
  runbook: 'verifyBackup',
  what: 'the identity that is given does not open the backup',
  ends: 'failed (10002), the identity is asked for; with the right one it is verified',
  carryOut: async ({ drilled, identityFile }) => {
    const backupId = await aBackup(drilled);
    const right = await readFile(identityFile, 'utf8');
    await withIdentity(drilled, { identityFile, identity: `${await generateX25519Identity()}\n` });
    const ended = await verification(drilled, backupId).finally(() => withIdentity(drilled, { identityFile, identity: right }));
    return { run: ended, findings: [...endedAs(ended, { state: 'failed', code: 10002 }), ...endedAs(await verification(drilled, backupId), { state: 'completed' })] };
  },
};

/** The worker reads the file at its start. */
async function withIdentity({ stack }: DrilledStack, { identityFile, identity }: { identityFile: string; identity: string }): Promise<void> {
  await writeFile(identityFile, identity, { mode: 0o600 });
  const restarts = stack.restarts()['maintenance-worker'] ?? 0;
  stack.kill('maintenance-worker', 'SIGKILL');
  await backAgain(stack, 'maintenance-worker', restarts);
}

async function verification({ stack }: DrilledStack, backupId: string): Promise<HarmedRun['run']> {
  return (await startRun(stack, 'verifyBackup', { params: { backup_id: backupId }, reason: REASON })).ended();
}
