/** A runbook from the command line: its plan, the confirmation, then its steps until the end. */
import { setTimeout as delay } from 'node:timers/promises';
import { Unreachable } from './api-client.js';
import { CommandEnd, EXIT, type ExitCode } from './exit-codes.js';
import { planReply, runReply, startedReply, type Plan, type Run } from './replies.js';
import type { Session } from './session.js';

export interface RunbookWish {
  runbook: string;
  params: Record<string, unknown>;
  reason: string;
  /** only the plan */
  planOnly: boolean;
}

const ASK_EVERY_MS = 300;
/** the API may be what is being restarted */
const AWAY_MS_MAX = 300_000;

export async function runRunbook(session: Session, { runbook, params, reason, planOnly }: RunbookWish): Promise<ExitCode> {
  const { api } = session;
  const plan = await api.post(`/api/v1/runbooks/${encodeURIComponent(runbook)}/plan`, { params }, planReply);
  showPlan(session, plan);
  if (planOnly) session.give(plan);
  if (plan.refusals.length > 0) {
    if (!planOnly) session.give(plan);
    return EXIT.refused;
  }
  if (planOnly) return EXIT.ok;
  await askFor(session, plan, reason);
  const started = await api.post(`/api/v1/runbooks/${encodeURIComponent(runbook)}`, { params, plan_id: plan.plan_id, reason }, startedReply);
  session.say(started.attached ? `\nIt runs already: attached to ${started.run_id}` : `\nStarted ${started.run_id}; it goes on without this terminal (npx bot watch ${started.run_id})`);
  return followRun(session, started.run_id);
}

function showPlan({ say }: Session, plan: Plan): void {
  const block = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) say([`${title}:`, ...lines.map((line) => `  ${line}`)].join('\n'));
  };
  say(`Plan of ${plan.runbook}${plan.destructive ? ' (destructive)' : ''}`);
  block('touches', plan.targets);
  block('does', plan.effects);
  block('worth knowing', plan.warnings);
  block('cannot run because', plan.refusals);
  if (plan.estimated_seconds !== null) say(`usually takes ${plan.estimated_seconds} s`);
}

async function askFor(session: Session, plan: Plan, reason: string): Promise<void> {
  if (plan.destructive && reason.trim() === '') throw new CommandEnd(EXIT.usage, `${plan.runbook} needs a reason`, 'say why: --reason TEXT');
  if (session.yes) return;
  if (session.interactive) {
    if (await session.confirm('\nRun it?')) return;
    throw new CommandEnd(EXIT.needsConfirmation, 'not confirmed: nothing was done');
  }
  if (plan.destructive) throw new CommandEnd(EXIT.needsConfirmation, `${plan.runbook} has to be confirmed: nothing was done`, 'look at the plan above, then add --yes');
}

/** Shows each step as it ends, until the run has ended. Rejects when the API was away, or could not ask Temporal, for `awayMsMax`. */
export async function followRun(session: Session, id: string, { awayMsMax }: { awayMsMax: number } = { awayMsMax: AWAY_MS_MAX }): Promise<ExitCode> {
  const shown = new Set<string>();
  for (let awaySinceMs: number | undefined; ; await delay(ASK_EVERY_MS)) {
    let run: Run;
    try {
      run = await session.api.get(`/api/v1/runbooks/runs/${encodeURIComponent(id)}`, runReply);
      awaySinceMs = undefined;
    } catch (error) {
      awaySinceMs = stillAway(error, awaySinceMs, session);
      if (Date.now() - awaySinceMs > awayMsMax) throw error;
      continue;
    }
    showSteps(session, run, shown);
    if (run.state === 'running') continue;
    showEnd(session, run);
    session.give(run);
    return exitCodeOf(run);
  }
}

/** An API that is away, or that cannot ask Temporal now, may be part of what is being done. */
function stillAway(error: unknown, sinceMs: number | undefined, { remark }: Session): number {
  const passing = error instanceof Unreachable || (error instanceof CommandEnd && error.exitCode === EXIT.failed);
  if (!passing) throw error;
  if (sinceMs !== undefined) return sinceMs;
  remark(`${error.message}; asking again`);
  return Date.now();
}

function showSteps({ say }: Session, { steps }: Run, shown: Set<string>): void {
  for (const { name, state, attempt, started_at: from, ended_at: to, result } of steps) {
    const key = `${name} ${state} ${attempt}`;
    if (state === 'pending' || state === 'running' || shown.has(key)) continue;
    shown.add(key);
    const seconds = from === null || to === null ? '' : ` (${((Date.parse(to) - Date.parse(from)) / 1_000).toFixed(1)} s)`;
    say(`  ${state === 'done' ? 'done  ' : 'FAILED'} ${name}${seconds}${result === null ? '' : `: ${result}`}`);
  }
}

function showEnd({ say }: Session, { runbook, state, outcome, remaining }: Run): void {
  say(`${runbook} ${state}: ${outcome ?? ''}`);
  if (remaining.length > 0) say(['To do by hand:', ...remaining.map((line) => `  ${line}`)].join('\n'));
}

function exitCodeOf({ state, remaining }: Run): ExitCode {
  switch (state) {
    case 'completed':
      return remaining.length === 0 ? EXIT.ok : EXIT.degraded;
    case 'refused':
      return EXIT.refused;
    default:
      return EXIT.failed;
  }
}
