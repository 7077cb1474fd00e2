/** What activities need of the running activity, so that they can be called without one in tests. */
import { Context } from '@temporalio/activity';

export function activityAttempt(): number {
  return Context.current().info.attempt;
}

/** Rejects when the activity is cancelled or the worker leaves. */
export function activitySleep(ms: number): Promise<void> {
  return Context.current().sleep(ms);
}

const BEAT_MS = 1_000;
/** What the running activities have kept for their next attempt. */
const kept = new WeakMap<Context, unknown>();

/** Each call says every second that it lives while it works, so that the death of its worker is noticed soon. */
export function beating<T extends Record<string, (...args: never[]) => Promise<unknown>>>(activities: T): T {
  const alive = (activity: (...args: never[]) => Promise<unknown>) => async (...args: never[]): Promise<unknown> => {
    const context = Context.current();
    const timer = setInterval(() => context.heartbeat(kept.get(context) ?? context.info.heartbeatDetails), BEAT_MS);
    try {
      return await activity(...args);
    } finally {
      clearInterval(timer);
    }
  };
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, alive(activity)])) as T;
}

/** Says that the activity lives, then sleeps. */
export function activityPulse(ms: number): Promise<void> {
  const context = Context.current();
  context.heartbeat();
  return context.sleep(ms);
}

/** How far the running activity has come, kept for its next attempt. Only under `beating`, which keeps it alive from then on. */
export const activityProgress = {
  /** what an earlier attempt kept; undefined: nothing */
  kept: (): unknown => Context.current().info.heartbeatDetails as unknown,
  /** Plain JSON. Throws when the activity is cancelled. */
  keep: (state: unknown): void => {
    const context = Context.current();
    kept.set(context, state);
    context.heartbeat(state);
    context.cancellationSignal.throwIfAborted();
  },
};
