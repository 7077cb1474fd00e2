/**
 * What all runbooks have in common: the plan is made anew and judged, the steps are shown while they run, the end is
 * recorded and told, and an operator can cancel at safe points.
 *
 * Invariants
 * 1. Nothing is done before the plan has been judged; a refused run has done nothing.
 * 2. The record never holds up a step: it is written beside them, and after them by a workflow of its own when the ledger is away.
 * 3. Whatever ends a run (done, refused, failed, cancelled), its record and its answer say what a person has to do now.
 */
import { ApplicationFailure, CancellationScope, log, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ErrorCode } from '../../core/errors/catalogue.js';
import { refusalsOf, type Json, type RunbookPlan } from '../../core/runbooks/plan.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { readParams } from '../../core/runbooks/params.js';
import { planActivityName, runbookDefinition, type RunbookName, type RunbookParams } from '../../core/runbooks/runbook.js';
import { describeFailure } from '../failure-detail.js';
import { cancelSignal, runStatusQuery, type RunbookRequest } from '../runbook-messages.js';
import { Recorder } from './recorder.js';
import { RunbookCancelled, RunbookRefused, RunInProgress } from './run-in-progress.js';

/** What stands in for a cause that names no code. */
const UNEXPLAINED: ErrorCode = 10006;

type Planners = Record<string, (params: Json) => Promise<RunbookPlan>>;
/** They say every second that they live: a worker that dies is noticed within seconds. */
const planners = proxyActivities<Planners>({ startToCloseTimeout: 30_000, heartbeatTimeout: 6_000, retry: { maximumAttempts: 4, maximumInterval: 2_000 } });

/** Runs the steps and returns the outcome in plain words. */
type Body<N extends RunbookName> = (run: RunInProgress, params: RunbookParams[N]) => Promise<string>;

/** As it came: whoever starts it in the Temporal Web UI may leave out anything. */
type Request<N extends RunbookName> = Partial<RunbookRequest<RunbookParams[N]>> | undefined;

interface Conduct<N extends RunbookName> {
  name: N;
  request: Request<N>;
  body: Body<N>;
  /** resolves when it may begin */
  admit(run: RunInProgress): Promise<void>;
}

export function runbook<N extends RunbookName>(name: N, request: Request<N>, body: Body<N>): Promise<RunbookResult> {
  return conduct({ name, request, body, admit: (run) => judgePlan(name, run) });
}

/** An emergency asks nobody: neither plan nor confirmation. */
export function runbookWithoutPlan<N extends RunbookName>(name: N, request: Request<N>, body: Body<N>): Promise<RunbookResult> {
  return conduct({ name, request, body, admit: () => Promise.resolve() });
}

async function conduct<N extends RunbookName>({ name, request, body, admit }: Conduct<N>): Promise<RunbookResult> {
  const { params: given, planId = null, reason = '', actor = 'Temporal' } = request ?? {};
  const read = readParams(name, given);
  const run = new RunInProgress({ runbook: name, params: ('params' in read ? read.params : given ?? {}) as unknown as Json, planId, reason, actor, steps: runbookDefinition(name).steps });
  setHandler(runStatusQuery, () => run.status());
  setHandler(cancelSignal, (asked = { reason: 'no reason given', actor: 'Temporal' }) => run.cancel(asked));
  CancellationScope.current().cancelRequested.catch(() => run.cancel({ reason: 'cancelled in Temporal', actor: 'Temporal' }));
  return CancellationScope.nonCancellable(async () => {
    const recorder = new Recorder(run);
    const result = await concluded(run, async () => {
      if ('problems' in read) throw new RunbookRefused(read.problems);
      await admit(run);
      return body(run, read.params);
    });
    await recorder.finish(result);
    if (result.state === 'failed') throw ApplicationFailure.create({ message: result.outcome, type: String(result.code ?? UNEXPLAINED), nonRetryable: true, details: [result] });
    return result;
  });
}

async function judgePlan(name: RunbookName, run: RunInProgress): Promise<void> {
  const plan = await planners[planActivityName(name)]?.(run.given.params);
  if (plan === undefined) throw new Error(`no activity plans ${name}`);
  const refusals = refusalsOf(plan, run.given);
  if (refusals.length > 0) throw new RunbookRefused(refusals);
}

async function concluded(run: RunInProgress, work: () => Promise<string>): Promise<RunbookResult> {
  try {
    return run.end({ state: 'completed', outcome: await work(), code: null });
  } catch (error) {
    if (error instanceof RunbookRefused) return run.end({ state: 'refused', outcome: `refused: ${error.refusals.join('; ')}`, code: null });
    const cancelled = error instanceof RunbookCancelled;
    await run.takeBack(cancelled ? 'cancelled' : 'failed');
    if (cancelled) return run.end({ state: 'cancelled', outcome: error.message, code: null });
    const { code, message } = describeFailure(error);
    log.error(`Failed to execute the runbook ${run.given.runbook}: ${message}`, { workflowId: workflowInfo().workflowId, failureCode: code });
    return run.end({ state: 'failed', outcome: `failed: ${message}`, code: code ?? UNEXPLAINED });
  }
}
