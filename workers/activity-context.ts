/** What activities need of the running activity, so that they can be called without one in tests. */
import { Context } from '@temporalio/activity';

export function activityAttempt(): number {
  return Context.current().info.attempt;
}

/** Rejects when the activity is cancelled or the worker leaves. */
export function activitySleep(ms: number): Promise<void> {
  return Context.current().sleep(ms);
}

/** Says that the activity lives, then sleeps. */
export function activityPulse(ms: number): Promise<void> {
  const context = Context.current();
  context.heartbeat();
  return context.sleep(ms);
}
