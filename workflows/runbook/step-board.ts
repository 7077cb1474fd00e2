/** The named steps of a runbook with state, times, attempt and result: what `progress` shows while it runs, and what is carried on. */
import { isCancellation, log } from '@temporalio/workflow';
import { describeFailure } from '../failure-detail.js';
import type { RunbookProgress, RunbookStep } from '../messages.js';

export class StepBoard {
  private readonly steps: RunbookStep[];
  private outcome: string | null = null;

  constructor(names: readonly string[], carried: readonly RunbookStep[] = []) {
    this.steps = names.map((name) => {
      const known = carried.find((step) => step.name === name);
      return known ? { ...known } : { name, state: 'pending', startedMs: null, endedMs: null, attempt: 0, result: null };
    });
  }

  progress(): RunbookProgress {
    return { steps: this.carried(), outcome: this.outcome };
  }

  carried(): RunbookStep[] {
    return this.steps.map((step) => ({ ...step }));
  }

  isDone(name: string): boolean {
    return this.stepNamed(name).state === 'done';
  }

  get remaining(): string[] {
    return this.steps.filter(({ state }) => state !== 'done').map(({ name }) => name);
  }

  conclude(outcome: string): RunbookProgress {
    this.outcome = outcome;
    return this.progress();
  }

  /** One attempt of a step; false when it failed and is to be tried again. What is done is not done again. */
  async attempt(name: string, run: () => Promise<string>): Promise<boolean> {
    if (this.isDone(name)) return true;
    try {
      await this.perform(name, run);
      return true;
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { attempt, result: message } = this.stepNamed(name);
      log.error(`Failed to execute the step ${name}, trying again`, { attempt, message });
      return false;
    }
  }

  /** One attempt of a step; rejects as it does. */
  async perform(name: string, run: () => Promise<string>): Promise<void> {
    const step = this.stepNamed(name);
    Object.assign(step, { state: 'running', startedMs: step.startedMs ?? Date.now(), endedMs: null, attempt: step.attempt + 1 });
    try {
      Object.assign(step, { result: await run(), state: 'done', endedMs: Date.now() });
    } catch (error) {
      Object.assign(step, { result: describeFailure(error).message, state: 'failed', endedMs: Date.now() });
      throw error;
    }
  }

  /** Takes back what was said of a step: the world has changed since. */
  reopen(name: string): void {
    Object.assign(this.stepNamed(name), { state: 'pending', endedMs: null });
  }

  private stepNamed(name: string): RunbookStep {
    const step = this.steps.find((candidate) => candidate.name === name);
    if (!step) throw new Error(`the runbook has no step ${name}`);
    return step;
  }
}
