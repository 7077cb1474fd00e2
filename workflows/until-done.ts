/**
 * Steps that nobody else would take up. An activity's retries end at a refusal that they cannot cure (a revoked key, a
 * database that refuses the password); a workflow that failed with it would leave a trade without anybody who watches it.
 * Here the step waits for the operator instead, and says so in the log.
 */
import { isCancellation, log, sleep } from '@temporalio/workflow';
import { describeFailure } from './failure-detail.js';

const FIRST_PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;

/** Pause after the given number of refusals in a row, host time. */
export function pauseAfter(refusals: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (refusals - 1), PAUSE_MS_MAX);
}

export async function untilDone<T>(step: string, run: (isRepeated: boolean) => Promise<T>): Promise<T> {
  for (let refusals = 0; ; ) {
    try {
      return await run(refusals > 0);
    } catch (error) {
      if (isCancellation(error)) throw error;
      refusals += 1;
      log.error(`Refused, asking again: ${step}`, { refusals, ...describeFailure(error) });
      await sleep(pauseAfter(refusals));
    }
  }
}
