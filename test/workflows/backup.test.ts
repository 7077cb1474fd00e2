import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createBackupArchive } from '../../adapters/archive/backup-archive.js';
import { createDatabaseServer } from '../../adapters/postgres/backup/database-server.js';
import type { PlanOnTheWire, RunOnTheWire } from '../../api/runbook-schema.js';
import { isScratchDatabase } from '../../core/backup/backup-id.js';
import { BACKUP_STEPS } from '../../core/runbooks/backup.js';
import type { BackupEdges } from '../../workers/backup-edges.js';
import { freePort } from '../support/redis-server.js';
import { endedRun, liveRun, setRunbookStage, startedRun, type RunbookStage } from '../support/runbook-stage.js';
import { startS3 } from '../support/s3-server.js';
import { silentLogger } from '../support/silent-logger.js';
import { startTradingStack, type TradingStack } from '../support/trading-stack.js';
import { flipOneBit, methodsOf } from '../integration/backup/backup-server.js';
import { eventually } from './stack-questions.js';

const run = promisify(execFile);
const FROM_MS = Date.UTC(2026, 3, 6);
const STEP_MS = 900_000;
const TIMEOUT_MS = 90_000;
const BACKUP = '/api/v1/runbooks/backup';

interface ListedBackup {
  backup_id: string;
  verified: boolean;
  places: string[];
}

describe('the runbook backup', { timeout: TIMEOUT_MS }, () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let whole: BackupEdges;
  /** what a test puts in the place of the whole edges, until it is over */
  let instead: Partial<BackupEdges> = {};
  beforeAll(async () => {
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * STEP_MS, seed: 3 });
    stage = await setRunbookStage({ stack, backups: (edges) => {
      whole = edges;
      return { ...edges, server: following('server'), archive: following('archive') };
    } });
    await stack.replayUntil(FROM_MS + 4 * STEP_MS);
    await writeFile(path.join(stage.dataDir, 'paper-keys.json'), '{"secret":"planted-secret"}');
    await mkdir(path.join(stage.dataDir, 'postgres', 'cluster'), { recursive: true });
    await writeFile(path.join(stage.dataDir, 'postgres', 'cluster', 'PG_VERSION'), '15');
  }, TIMEOUT_MS);
  afterEach(() => { instead = {}; });
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  /** The edge that counts at the moment it is asked. */
  function following<E extends 'server' | 'archive'>(edge: E): BackupEdges[E] {
    return new Proxy({} as BackupEdges[E], {
      get: (_nothing, name) => {
        const target: object = instead[edge] ?? whole[edge];
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
  }

  const backups = async (): Promise<ListedBackup[]> => (await stage.ask<{ backups: ListedBackup[] }>('/api/v1/backups')).json.backups;
  const folders = async (): Promise<string[]> => (await readdir(path.join(stage.dataDir, 'backups')).catch(() => [])).filter((name) => !name.startsWith('.'));
  const scratches = async (): Promise<string[]> => (await stack.database.query<{ datname: string }>('select datname from pg_database')).map(({ datname }) => datname).filter(isScratchDatabase);
  const stepOf = (steps: RunOnTheWire['steps'], name: string): RunOnTheWire['steps'][number] | undefined => steps.find((step) => step.name === name);

  /** A run that has told its end may still be writing its record, and would be attached to. */
  function freshRun(params: object = {}): Promise<string> {
    return eventually(async () => {
      const { json } = await stage.post<{ run_id: string; attached: boolean }>(BACKUP, { params, reason: 'test' });
      expect(json.attached).toBe(false);
      return json.run_id;
    });
  }

  /** Starts a backup whose dump is held back until it is released, or its work is cancelled; then it goes its usual way. */
  async function heldInItsDump(): Promise<{ id: string; release(): void }> {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    instead = { server: { ...whole.server, dump: async (file, work) => {
      const ended = new Promise<never>((_resolve, reject) => work.signal.addEventListener('abort', () => reject(work.signal.reason as Error)));
      await Promise.race([gate, ended]);
      return whole.server.dump(file, work);
    } } };
    const id = await freshRun();
    await eventually(async () => expect(stepOf((await liveRun(stage, id)).steps, BACKUP_STEPS.database)?.state).toBe('running'));
    return { id, release };
  }

  it('tells before it runs what it will do and what it leaves out', async () => {
    const { json } = await stage.ask<PlanOnTheWire>(`${BACKUP}/plan`);
    expect(json).toMatchObject({ destructive: false, refusals: [], targets: [`the database ${stack.database.name}`, expect.stringContaining('data') as string] });
    expect(json.warnings).toEqual([expect.stringContaining('not encrypted') as string, expect.stringContaining('no storage is configured') as string]);
    expect(await folders()).toEqual([]);
  });

  it('backs up everything, proves it by a restore, and is listed as verified', async () => {
    const ended = await endedRun(stage, await startedRun(stage, BACKUP, { params: { kind: 'daily' }, reason: 'before an upgrade' }));
    expect(ended).toMatchObject({ state: 'completed', remaining: [], outcome: expect.stringContaining('is complete and verified') as string });
    expect(ended.steps.map(({ name, state }) => [name, state])).toEqual(Object.values(BACKUP_STEPS).map((name) => [name, 'done']));
    const id = String(ended.figures['backupId']);
    expect(await backups()).toMatchObject([{ backup_id: id, verified: true, places: ['folder'], kind: 'daily' }]);
    expect(await scratches()).toEqual([]);
    const { json, text } = await stage.ask<{ files: { name: string }[]; left_out: string[]; tables: { table: string; rows: string }[] }>(`/api/v1/backups/${id}`);
    expect(json.files.map(({ name }) => name)).toEqual(['database.dump', 'roles.sql', 'configuration.tar.gz', 'data.tar.gz', 'source-code.tar.gz']);
    expect(json.left_out).toContainEqual(expect.stringContaining('paper-keys.json'));
    expect(Number(json.tables.find(({ table }) => table === 'public.decisions')?.rows)).toBeGreaterThan(0);
    expect(text).not.toContain('planted-secret');
    const { stdout } = await run('tar', ['-tzf', path.join(stage.dataDir, 'backups', id, 'data.tar.gz')]);
    expect(stdout).not.toMatch(/paper-keys|PG_VERSION|backups/);
    expect((await run('tar', ['-tzf', path.join(stage.dataDir, 'backups', id, 'source-code.tar.gz')])).stdout).toContain('package.json');
    expect(await readFile(path.join(stage.dataDir, 'backups', id, 'roles.sql'), 'utf8')).not.toMatch(/PASSWORD/);
  });

  it('runs once: a second start attaches to it, and one that wants something else is told to wait', async () => {
    const { id, release } = await heldInItsDump();
    expect((await stage.post(BACKUP, { reason: 'test' })).json).toMatchObject({ run_id: id, attached: true });
    expect(await stage.post(BACKUP, { params: { kind: 'monthly' } })).toMatchObject({ status: 409, json: { fix: expect.stringContaining('wait until it has ended') as string } });
    release();
    expect(await endedRun(stage, id)).toMatchObject({ state: 'completed' });
  });

  it('that is cancelled in the middle of the dump leaves nothing', async () => {
    const before = await folders();
    const { id } = await heldInItsDump();
    await stage.post(`/api/v1/runbooks/runs/${id}/cancel`, { reason: 'wrong day' });
    expect(await endedRun(stage, id)).toMatchObject({ state: 'cancelled', remaining: [] });
    expect(await folders()).toEqual(before);
  });

  it('whose worker leaves in the middle of the dump is done by the next one, once', async () => {
    const before = await folders();
    const { id } = await heldInItsDump();
    await stage.stopWorker();
    instead = {};
    await stage.startWorker();
    const ended = await endedRun(stage, id);
    const own = String(ended.figures['backupId']);
    expect(ended).toMatchObject({ state: 'completed' });
    expect(await folders()).toEqual([...before, own].sort());
    expect((await readdir(path.join(stage.dataDir, 'backups', own))).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('whose dump is damaged on the disk fails, does not count, and drops its scratch database', async () => {
    instead = { archive: { ...methodsOf(whole.archive), readBack: async (id, work) => {
      const bytes = await whole.archive.readBack(id, work);
      await flipOneBit(path.join(stage.dataDir, 'backups', id, 'database.dump'));
      return bytes;
    } } };
    const ended = await endedRun(stage, await freshRun());
    expect(ended).toMatchObject({ state: 'failed', code: 40003, outcome: expect.stringContaining('database.dump') as string });
    expect((await backups()).find(({ backup_id: id }) => id === ended.figures['backupId'])).toMatchObject({ verified: false });
    expect(await scratches()).toEqual([]);
  });

  it('says that the copy is missing when the storage is lost, and counts all the same', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    instead = { archive: createBackupArchive({
      directory: path.join(stage.dataDir, 'backups'), keys: { recipients: [], identity: undefined }, logger: silentLogger, now: Date.now,
      s3: { endpoint: nobody, region: 'us-east-1', bucket: 'backups', prefix: '', credentials: { accessKeyId: 'id', secretAccessKey: 'planted-secret' } },
    }) };
    const ended = await endedRun(stage, await freshRun());
    expect(ended).toMatchObject({ state: 'completed', outcome: expect.stringContaining('its copy in the storage is missing') as string, remaining: [expect.stringContaining('the next backup stores it') as string] });
    expect(JSON.stringify(ended)).not.toContain('planted-secret');
    expect(await backups()).toContainEqual(expect.objectContaining({ backup_id: ended.figures['backupId'], verified: true, places: ['folder'] }));
  });

  it('copies itself once there is a storage, and what was missing there', async (context) => {
    const storage = await startS3();
    if (storage === undefined) return context.skip();
    try {
      instead = { archive: createBackupArchive({ directory: path.join(stage.dataDir, 'backups'), keys: { recipients: [], identity: undefined }, logger: silentLogger, now: Date.now, s3: storage.settings }) };
      const ended = await endedRun(stage, await freshRun());
      expect(ended).toMatchObject({ state: 'completed', remaining: [] });
      const listed = await backups();
      expect(listed.filter(({ verified }) => verified).every(({ places }) => places.includes('s3'))).toBe(true);
      expect(listed.filter(({ verified, places }) => !verified && places.includes('s3'))).toEqual([]);
    } finally {
      await storage.stop();
    }
  });

  it('that is kept can be verified again, and is no longer counted once it is damaged', async () => {
    const [newest] = (await backups()).filter(({ verified }) => verified);
    const verify = { params: { backup_id: newest?.backup_id }, reason: 'drill' };
    expect(await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/verifyBackup', verify))).toMatchObject({ state: 'completed' });
    await writeFile(path.join(stage.dataDir, 'backups', newest?.backup_id ?? '', 'roles.sql'), 'damaged');
    expect(await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/verifyBackup', verify))).toMatchObject({ state: 'failed', code: 40003, outcome: expect.stringContaining('roles.sql') as string });
    expect((await backups()).find(({ backup_id: id }) => id === newest?.backup_id)).toMatchObject({ verified: false });
    expect((await stage.ask<PlanOnTheWire>('/api/v1/runbooks/verifyBackup/plan', { method: 'POST', body: JSON.stringify({ params: { backup_id: '20200101T000000Z-daily-00000000' } }) })).json.refusals).toEqual([expect.stringContaining('there is no backup') as string]);
  });

  it('is pruned only with its plan: what the plan names goes, everything else stays', async () => {
    const plan = (await stage.ask<PlanOnTheWire>('/api/v1/runbooks/pruneBackups/plan')).json;
    const before = (await backups()).map(({ backup_id: id }) => id);
    const doomed = before.filter((id) => plan.targets.some((target) => target.startsWith(id)));
    expect(doomed.length).toBeGreaterThan(0);
    expect((await stage.post('/api/v1/runbooks/pruneBackups', { reason: 'tidy' })).status).toBe(409);
    expect(await backups()).toHaveLength(before.length);
    const seen = await endedRun(stage, await startedRun(stage, '/api/v1/runbooks/pruneBackups', { reason: 'tidy', plan_id: plan.plan_id }));
    expect(seen).toMatchObject({ state: 'completed', figures: { removed: doomed } });
    expect((await backups()).map(({ backup_id: id }) => id)).toEqual(before.filter((id) => !doomed.includes(id)));
  });

  it('does not run without the programs it needs', async () => {
    instead = { server: createDatabaseServer({ databaseUrl: stack.database.databaseUrl, programsDirectory: '/nowhere', path: '', now: Date.now }) };
    const ended = await endedRun(stage, await freshRun());
    expect(ended).toMatchObject({ state: 'refused', outcome: expect.stringContaining('apt-get install postgresql-client') as string });
  });
});
