/**
 * The workflows as one file for Temporal's sandbox.
 *
 * Invariant: no module of theirs holds state (eslint.config.js refuses it), so that one evaluation serves every run of a worker.
 * By default each run evaluates all of them anew: 5 to 15 ms before a trade can ask for its order, and the memory of a copy.
 */
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

/** `entry`: path of workflows/index */
export function bundleWorkflows(entry: string, logger: Logger): Promise<{ code: string }> {
  return bundleWorkflowCode({ workflowsPath: entry, preloadModules: [entry], logger });
}
