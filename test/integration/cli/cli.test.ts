/** The built command against an API, a maintenance worker and a bot that are real. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotError } from '../../../core/errors/bot-error.js';
import { ensureBuilt } from '../../support/built.js';
import { setRunbookStage, type RunbookStage } from '../../support/runbook-stage.js';
import { startTradingStack, type TradingStack } from '../../support/trading-stack.js';

const BOT = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const FROM_MS = Date.UTC(2026, 3, 6);
const STEP_MS = 900_000;
const TIMEOUT_MS = 300_000;

interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BOT, ...args], { env: { PATH: process.env['PATH'], ...env } }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the command bot', () => {
  let stack: TradingStack;
  let stage: RunbookStage;
  let ledger: 'there' | 'away' = 'there';
  const bot = (...args: string[]): Promise<Ended> => run(args, { BOT_API_URL: `http://127.0.0.1:${stage.port}` });
  beforeAll(async () => {
    await ensureBuilt();
    stack = await startTradingStack({ fromMs: FROM_MS, toMs: FROM_MS + 40 * STEP_MS, seed: 3, supervised: true });
    await stack.firstWorker.stop();
    await stack.startWorker('1');
    stage = await setRunbookStage({ stack, ledger: () => (ledger === 'there' ? Promise.resolve(stack.ledger) : Promise.reject(new BotError(10003, 'taken away by the test'))) });
    await stack.replayUntil(FROM_MS + 2 * STEP_MS);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await stage.close();
    await stack.stop();
  });

  it('shows the status, for people and as JSON', async () => {
    const shown = await bot('status');
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^running/);
    const { stdout } = await bot('--json', 'status');
    expect(JSON.parse(stdout)).toMatchObject({ bot: { state: 'running', mode: 'paper' }, health: { status: 'ok' } });
  }, TIMEOUT_MS);

  it('pauses and resumes with a reason', async () => {
    expect(await bot('pause', '--reason', 'lunch')).toMatchObject({ exitCode: 0, stdout: 'the bot is paused now\n' });
    expect((await bot('status')).stdout).toContain('lunch (operator)');
    expect(await bot('resume')).toMatchObject({ exitCode: 0, stdout: 'the bot is running now\n' });
  }, TIMEOUT_MS);

  it('shows a plan without doing anything', async () => {
    const { exitCode, stdout } = await bot('restart', 'trading-worker', '--plan');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Plan of gracefulRestart');
    expect((await bot('runs')).stdout).not.toContain('gracefulRestart');
  }, TIMEOUT_MS);

  it('restarts the trading worker step by step until it decides again', async () => {
    const { exitCode, stdout } = await bot('restart', '--reason', 'upgrade', '--yes');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('  done'))).toHaveLength(8);
    expect(stdout).toContain('gracefulRestart completed: trading-worker restarted');
    expect((await bot('runs', '--limit', '1')).stdout).toMatch(/completed\s+gracefulRestart/);
  }, TIMEOUT_MS);

  it('gives the run as one JSON document, and follows a run that has ended', async () => {
    const { exitCode, stdout } = await bot('--json', 'save-state', '--reason', 'now');
    const document = JSON.parse(stdout) as { run_id: string };
    expect([exitCode, document]).toMatchObject([0, { runbook: 'saveState', state: 'completed', reason: 'now' }]);
    expect(await bot('watch', document.run_id)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('saveState completed') as string });
    expect(await bot('run', 'saveState', '--params', '{"kind":"emergency"}')).toMatchObject({ exitCode: 0 });
  }, TIMEOUT_MS);

  it('makes a backup, lists it, shows and verifies it, and removes none that has to stay', async () => {
    expect(await bot('backup', 'list')).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('npx bot backup makes one') as string });
    expect(await bot('backup', '--kind', 'weekly', '--no-upload', '--reason', 'drill')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is complete and verified') as string });
    const { stdout: listed } = await bot('--json', 'backup', 'list');
    const { backups: [made] } = JSON.parse(listed) as { backups: [{ backup_id: string; kind: string; verified: boolean }] };
    expect(made).toMatchObject({ kind: 'weekly', verified: true });
    expect((await bot('backup', 'show', made.backup_id)).stdout).toMatch(/reason: drill[^]*database\.dump[^]*public\.decisions/);
    expect(await bot('backup', 'verify', made.backup_id, '--reason', 'to be sure')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is verified') as string });
    const { json: { runs: [verification] } } = await stage.ask<{ runs: [{ reason: string }] }>('/api/v1/runbooks/runs?limit=1&runbook=verifyBackup');
    expect(verification.reason).toBe('to be sure');
    expect(await bot('backup', 'prune', '--plan')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('every backup is kept') as string });
    expect(await bot('backup', 'prune', '--reason', 'tidy')).toMatchObject({ exitCode: 4 });
    expect((await bot('backup', 'show', 'none')).exitCode).toBe(2);
  }, TIMEOUT_MS);

  it.each([
    { runbook: 'recoverTradeHistory', args: ['recover-trades', '--start-date', '2026-04-01', '--end-date', '2026-04-06', '--symbols', 'BTCUSDT,ETHUSDT'], exitCode: 0, says: 'BTCUSDT' },
    { runbook: 'reconcileBalance', args: ['reconcile', '--exchange-balance', '10000.50', '--database-balance', '9950.25'], exitCode: 0, says: 'nothing is changed' },
    { runbook: 'databaseTroubleshooting', args: ['database', '--terminate-over', '5'], exitCode: 0, says: 'connections' },
    { runbook: 'databaseRecovery', args: ['restore'], exitCode: 0, says: 'destructive' },
    { runbook: 'releaseEmergency', args: ['release', 'halt-none'], exitCode: 3, says: 'no emergency stop is in force' },
  ])('shows the plan of $runbook for its own words', async ({ runbook, args, exitCode, says }) => {
    const shown = await bot(...args, '--plan');
    expect(shown, shown.stderr).toMatchObject({ exitCode, stdout: expect.stringContaining(`Plan of ${runbook}`) as string });
    expect(shown.stdout).toContain(says);
  }, TIMEOUT_MS);

  it('stops all trading with one action, follows the run, and says what is left to do; the release has to be confirmed', async () => {
    const stopped = await bot('emergency', '--reason', 'drill');
    expect(stopped).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(/the latch is set;[^]*done {3}verify on the exchange[^]*To do by hand:[^]*disable all API keys/) as string });
    const [haltId = ''] = /halt-[0-9a-f]{8}/.exec(stopped.stdout) ?? [];
    expect(await bot('release', haltId, '--reason', 'over')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('has to be confirmed') as string });
    expect(await bot('release', haltId, '--reason', 'over', '--yes')).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('the bot is paused until it is resumed') as string });
    expect(await bot('resume')).toMatchObject({ exitCode: 0 });
  }, TIMEOUT_MS);

  it.each([
    { what: 'an unknown command', args: ['frobnicate'] },
    { what: 'an unknown service', args: ['restart', 'database'] },
    { what: 'an unknown runbook', args: ['run', 'frobnicate'] },
    { what: 'parameters that are no JSON', args: ['run', 'saveState', '--params', '{'] },
    { what: 'parameters that the runbook does not have', args: ['run', 'saveState', '--params', '{"kid":1}'] },
    { what: 'an address that is none', args: ['--api', 'nowhere', 'status'] },
    { what: 'a run that there is not', args: ['cancel', 'gracefulRestart-nothing'] },
  ])('ends with 2 for $what, and says why', async ({ args }) => {
    const ended = await bot(...args);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).not.toBe('');
  }, TIMEOUT_MS);

  it('ends with 1 when no API answers, with 3 when a guard refuses', async () => {
    expect(await run(['status'], { BOT_API_URL: 'http://127.0.0.1:9' })).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('does not answer') as string });
    const { json: { runs: [newest] } } = await stage.ask<{ runs: [{ run_id: string }] }>('/api/v1/runbooks/runs?limit=1');
    expect(await bot('cancel', newest.run_id)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('has ended already') as string });
  }, TIMEOUT_MS);

  it('ends with 5 when it works but not all is well, and with 3 when the plan refuses', async () => {
    ledger = 'away';
    expect(await bot('status')).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('postgres is down') as string });
    expect(await bot('runs')).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('ledger is away') as string });
    expect(await bot('save-state')).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('cannot run because') as string });
    expect((await bot('save-state', '--emergency')).exitCode).toBe(0);
    ledger = 'there';
  }, TIMEOUT_MS);
});
