/**
 * Brings the database server up when it is not: waits for one that recovers by itself, has the supervisor restart one that lives
 * and lets nobody in, and sets a data directory aside that no server can open.
 */
import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { ServerStanding } from '../../core/ports/database-rescue.js';
import type { PartStatus } from '../runbook-messages.js';
import { beginAnewSupervised, restartSupervised, supervisedPart } from './processes.js';

const DATABASE_PART = 'postgres';
const ASK_EVERY_MS = 500;
/** a passing silence, such as a restart that is under way */
const SILENCE_MS_MAX = 1_500;
/** where nobody here supervises the server */
const UNAIDED_MS_MAX = 60_000;
/** after so many failed starts its files are taken for damaged */
const FAILED_STARTS_MAX = 3;
const SERVING_MS_MAX = 300_000;

export interface BroughtUp {
  detail: string;
  /** the damaged data directory was kept under `keepAs`, and a new one was made */
  beganAnew: boolean;
}

/** `standing` asks anew at each call. Rejects with 10003 when the server cannot be brought up from here. */
export async function bringServerUp({ standing, keepAs }: { standing: () => Promise<ServerStanding>; keepAs: string }): Promise<BroughtUp> {
  const begunMs = Date.now();
  const attempt = new Attempt(keepAs);
  for (;;) {
    const found = await standing();
    const waitedMs = Date.now() - begunMs;
    if (found.kind === 'serves') return { detail: attempt.words(found.detail, waitedMs), beganAnew: attempt.beganAnew };
    if (found.kind === 'refuses' || waitedMs > SERVING_MS_MAX) throw notServing(found.detail);
    if (found.kind === 'away' && waitedMs > SILENCE_MS_MAX) await attempt.help(found.detail, waitedMs);
    await sleep(ASK_EVERY_MS);
  }
}

class Attempt {
  beganAnew = false;
  private restarted = false;
  private restartsAtFirst: number | undefined;

  constructor(private readonly keepAs: string) {}

  async help(detail: string, waitedMs: number): Promise<void> {
    const part = await supervisedPart(DATABASE_PART);
    if (part === null) {
      if (waitedMs > UNAIDED_MS_MAX) throw notServing(detail);
      return;
    }
    this.restartsAtFirst ??= part.restarts;
    if (!this.restarted && part.pid !== null) {
      await restartSupervised(part);
      this.restarted = true;
    } else if (!this.beganAnew && this.failsToStart(part)) {
      await beginAnewSupervised(DATABASE_PART, this.keepAs);
      this.beganAnew = true;
    }
  }

  words(detail: string, waitedMs: number): string {
    if (this.beganAnew) return `${detail}, on a new data directory after ${seconds(waitedMs)} (the damaged one is kept as ${this.keepAs})`;
    return this.restarted || waitedMs > SILENCE_MS_MAX ? `${detail} again after ${seconds(waitedMs)}` : detail;
  }

  private failsToStart({ restarts, serving }: PartStatus): boolean {
    return !serving && restarts - (this.restartsAtFirst ?? restarts) >= FAILED_STARTS_MAX;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function notServing(detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`the database server does not serve and cannot be started from here: ${detail}`, '10003');
}
