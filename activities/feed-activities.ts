/** The lease of the feeds: whoever runs this activity feeds the bot, for as long as it runs. */
import { Context, CancelledFailure } from '@temporalio/activity';
import { withActivityFailures } from './failure.js';

/** The feed service of this process. */
export interface FeedSwitch {
  /** starts feeding (once, however many hold it) and returns how to let go */
  hold(): () => Promise<void>;
}

/** Well below the workflow's heartbeat time-out of 4 s, so that a dead worker is noticed soon. */
const HEARTBEAT_EVERY_MS = 1_000;

export type FeedActivities = ReturnType<typeof createFeedActivities>;

export function createFeedActivities(feed: FeedSwitch) {
  return withActivityFailures({
    holdFeedLease: (termMs: number) => holdFeedLease(feed, termMs),
  });
}

async function holdFeedLease(feed: FeedSwitch, termMs: number): Promise<void> {
  const context = Context.current();
  const release = feed.hold();
  try {
    for (let heldMs = 0; heldMs < termMs; heldMs += HEARTBEAT_EVERY_MS) {
      context.heartbeat();
      await context.sleep(HEARTBEAT_EVERY_MS);
    }
  } catch (error) {
    // The worker is leaving: give the lease back as a failure, so that the next attempt finds another holder at once.
    if (error instanceof CancelledFailure) throw new Error(`feed lease given back: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await release();
  }
}
