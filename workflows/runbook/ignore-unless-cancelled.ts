/** For what may fail without anybody stopping at it. A cancellation is no failure: it passes. */
import { isCancellation } from '@temporalio/workflow';

export function ignoreUnlessCancelled(error: unknown): void {
  if (isCancellation(error)) throw error;
}
