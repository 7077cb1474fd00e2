/** Saves a snapshot of the bot as a file. The simplest of the runbooks: copy it to begin another. */
import { proxyActivities } from '@temporalio/workflow';
import type { StateActivities } from '../../activities/runbooks/state/state-activities.js';
import type { SaveStateParams } from '../../core/runbooks/save-state.js';
import type { RunbookResult } from '../../core/runbooks/run.js';
import { runbook } from '../runbook/runbook.js';
import type { RunbookRequest } from '../runbook-messages.js';

const { saveState: save } = proxyActivities<StateActivities>({ startToCloseTimeout: 30_000, retry: { maximumAttempts: 5, maximumInterval: 5_000 } });

export function saveState(request: RunbookRequest<SaveStateParams>): Promise<RunbookResult> {
  return runbook('saveState', request, async (run, { kind }) => {
    await run.step('save the state', async () => {
      const saved = await save({ kind, reason: run.given.reason, actor: run.given.actor });
      run.figure('file', saved.file);
      run.figure('bytes', saved.bytes);
      run.figure('sha256', saved.sha256);
      return saved.detail;
    });
    return 'the state is saved';
  });
}
