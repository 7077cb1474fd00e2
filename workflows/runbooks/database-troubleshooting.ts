/**
 * Finds out what ails the database, ends the queries that the plan named, and restarts it when asked to. Trading needs no pause:
 * without its ledger the bot opens nothing, keeps its positions protected, and is level again by itself.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { DatabaseActivities, DatabaseFound } from '../../activities/runbooks/database/database-activities.js';
import type { RestartActivities } from '../../activities/runbooks/restart/restart-activities.js';
import { DATABASE_STEPS as STEPS, type DatabaseTroubleshootingParams } from '../../core/runbooks/database-troubleshooting.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { restartSupervised, supervisedPart } from '../runbook/processes.js';
import type { RunInProgress } from '../runbook/run-in-progress.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

/** as the stack's supervisor calls it */
const PART = 'postgres';
/** covers the recovery after a crash */
const RESTART_MS_MAX = 180_000;
const HEALTH_MS_MAX = 60_000;

const asks = proxyActivities<DatabaseActivities>({ startToCloseTimeout: 30_000, retry: { maximumAttempts: 5, initialInterval: 200, maximumInterval: 2_000 } });
const waits = proxyActivities<DatabaseActivities & RestartActivities>({ startToCloseTimeout: 240_000, heartbeatTimeout: 10_000, retry: { initialInterval: 200, maximumInterval: 2_000 } });

export function databaseTroubleshooting(request: RunbookRequest<DatabaseTroubleshootingParams>): Promise<RunbookResult> {
  return runbook('databaseTroubleshooting', request, (run, params) => carryOut(run, params));
}

async function carryOut(run: RunInProgress, params: DatabaseTroubleshootingParams): Promise<string> {
  let found: DatabaseFound = { lines: [], long: [], startedMs: null };
  await run.step(STEPS.diagnose, async () => {
    found = await asks.diagnoseDatabase(params);
    run.figure('found', found.lines);
    return found.lines.join('; ');
  });
  await run.step(STEPS.terminate, () => terminate(run, found));
  let restarted = false;
  await run.step(STEPS.restart, async () => {
    if (!params.restart) return 'not asked for';
    restarted = await restart();
    if (!restarted) run.leaveByHand('restart PostgreSQL with whatever supervises it (docker compose restart postgres, systemctl restart postgresql)');
    return restarted ? 'its supervisor restarts it' : 'no supervisor of the one-command stack holds the database: nothing was restarted';
  });
  await run.step(STEPS.wait, () => (restarted ? waits.awaitDatabase({ startedAfterMs: found.startedMs, untilMs: Date.now() + RESTART_MS_MAX }) : Promise.resolve('not needed: it was not restarted')));
  await run.step(STEPS.health, () => (restarted ? waits.awaitHealth({ sinceMs: 0, renewed: [], urls: [], untilMs: Date.now() + HEALTH_MS_MAX }) : Promise.resolve('not needed: it was not restarted')));
  return `${found.lines[0] ?? ''}${restarted ? '; restarted' : ''}`;
}

async function terminate(run: RunInProgress, { long }: DatabaseFound): Promise<string> {
  const words: string[] = [];
  for (const session of long) {
    const { ended, detail } = await asks.endSession(session);
    if (!ended) run.leaveByHand(detail);
    words.push(detail);
  }
  run.figure('terminated', words);
  return words.length === 0 ? 'none runs too long' : words.join('; ');
}

async function restart(): Promise<boolean> {
  const part = await supervisedPart(PART);
  return part !== null && (await restartSupervised(part)) !== null;
}
