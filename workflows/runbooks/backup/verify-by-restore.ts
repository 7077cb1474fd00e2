/** The step that makes a backup count. */
import type { RunInProgress } from '../../runbook/run-in-progress.js';
import { long, quick } from './activities.js';

export async function verifyByRestore(run: RunInProgress, backupId: string): Promise<string> {
  run.takeBackUnlessDone('drop the scratch database of the verification', () => quick.dropScratchDatabase({ backupId }));
  const report = await long.verifyByRestore({ backupId });
  run.figure('restoreSeconds', report.seconds);
  run.figure('rows', report.rows);
  run.figure('amcheck', report.amcheck);
  return report.detail;
}
