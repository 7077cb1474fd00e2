/**
 * One run as its steps see it: the board of steps, the operator's wish to cancel, what is taken back on the way out, what a
 * person has to do, and what was measured.
 *
 * Invariants
 * 1. A wish to cancel is honoured before a step begins, and inside a step that says it may be interrupted; nowhere else.
 * 2. What was registered to be taken back is taken back in reverse order; what cannot be is left to a person by name.
 */
import { CancellationScope, condition, isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Json } from '../../core/runbooks/plan.js';
import type { RunbookResult, RunState } from '../../core/runbooks/run.js';
import { describeFailure } from '../failure-detail.js';
import type { CancelRequest, RunStatus } from '../runbook-messages.js';
import { StepBoard } from './step-board.js';
import { stepTable } from './step-table.js';

/** Thrown at a safe point; ends the run as `cancelled`. */
export class RunbookCancelled extends Error {}

/** Nothing has been done; ends the run as `refused`. */
export class RunbookRefused extends Error {
  constructor(readonly refusals: readonly string[]) {
    super(refusals.join('; '));
  }
}

interface Given {
  runbook: string;
  params: Json;
  planId: string | null;
  reason: string;
  actor: string;
  steps: readonly string[];
}

export interface StepOptions {
  /** begins also when the run is to be cancelled: leaving it out would be worse than doing it */
  uncancellable?: true;
  /** may be given up in its middle: its activities are cancelled, which a heartbeat tells them */
  interruptible?: true;
}

type Ending = 'failed' | 'cancelled';

export class RunInProgress {
  /** grows with every change worth recording */
  revision = 0;
  private readonly board: StepBoard;
  private readonly startedMs = workflowInfo().startTime.getTime();
  private readonly figures: Record<string, Json> = {};
  private readonly byHand: string[] = [];
  private readonly toTakeBack: { what: string; run: (ending: Ending) => Promise<void> }[] = [];
  private cancelRequest: CancelRequest | null = null;
  private result: RunbookResult | null = null;
  private endedMs: number | null = null;

  constructor(readonly given: Given) {
    this.board = new StepBoard(given.steps);
    this.changed();
  }

  /** Runs one step; what it returns is shown as its result, what it throws ends the run. */
  async step(name: string, work: () => Promise<string>, options: StepOptions = {}): Promise<void> {
    if (options.uncancellable !== true) this.safePoint();
    const running = this.board.perform(name, () => (options.interruptible === true ? this.interruptibly(work) : work()));
    this.changed();
    await running.finally(() => this.changed());
  }

  /** Ends the run here when somebody asked for it. */
  safePoint(): void {
    if (this.cancelRequest === null) return;
    throw new RunbookCancelled(`cancelled by ${this.cancelRequest.actor}: ${this.cancelRequest.reason || 'no reason given'}`);
  }

  /** Something that is to be undone when the run does not come to its end. Done in reverse order. */
  takeBackUnlessDone(what: string, run: (ending: Ending) => Promise<void>): void {
    this.toTakeBack.push({ what, run });
  }

  /** From here on nothing is taken back any more. */
  nothingToTakeBack(): void {
    this.toTakeBack.length = 0;
  }

  leaveByHand(what: string): void {
    if (!this.byHand.includes(what)) this.byHand.push(what);
    this.changed();
  }

  figure(name: string, value: Json): void {
    this.figures[name] = value;
  }

  cancel(request: CancelRequest): void {
    this.cancelRequest ??= request;
    this.changed();
  }

  async takeBack(ending: Ending): Promise<void> {
    for (const { what, run } of this.toTakeBack.reverse()) {
      try {
        await run(ending);
      } catch (error) {
        this.leaveByHand(`${what} (${describeFailure(error).message})`);
      }
    }
  }

  end({ state, outcome, code }: Pick<RunbookResult, 'state' | 'outcome' | 'code'>): RunbookResult {
    this.endedMs = Date.now();
    this.result = { state, outcome, code, remaining: [...this.byHand], figures: { ...this.figures } };
    this.changed();
    return this.result;
  }

  status(): RunStatus {
    const { steps: _names, ...given } = this.given;
    const state: RunState = this.result?.state ?? 'running';
    return {
      ...given, state, steps: this.board.carried(), outcome: this.result?.outcome ?? null, code: this.result?.code ?? null, startedMs: this.startedMs, endedMs: this.endedMs,
      cancel: this.cancelRequest, remaining: [...this.byHand], figures: { ...this.figures }, revision: this.revision,
    };
  }

  ended(): RunbookResult | null {
    return this.result;
  }

  private async interruptibly<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: true });
    const watching = new CancellationScope({ cancellable: true });
    void watching.run(() => condition(() => this.cancelRequest !== null)).then(() => scope.cancel(), () => undefined);
    try {
      return await scope.run(work);
    } catch (error) {
      if (isCancellation(error)) this.safePoint();
      throw error;
    } finally {
      watching.cancel();
    }
  }

  private changed(): void {
    this.revision += 1;
    setCurrentDetails(stepTable(this.status()));
  }
}
