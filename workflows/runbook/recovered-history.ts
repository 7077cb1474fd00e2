/**
 * Recovering history as steps of a runbook: part by part, then looking again. Whoever recovers a span (this history, a database)
 * does it through here.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { HistoryActivities } from '../../activities/runbooks/history/history-activities.js';
import type { RecoveryReport } from '../../core/reconciliation/recovery-report.js';
import type { Span } from '../../activities/runbooks/history/sweep.js';
import { HISTORY_PARTS, type HistoryPart } from '../../core/runbooks/recover-trade-history.js';
import { describeFailure } from '../failure-detail.js';

/** what trading did meanwhile is found by the next round */
const ROUNDS_MAX = 3;

const asks = proxyActivities<HistoryActivities>({ startToCloseTimeout: 30_000, retry: { maximumInterval: 5_000, maximumAttempts: 10 } });
/** A year of many symbols takes hours under the exchange's request limits; the heartbeat tells that it lives, and where it is. */
const sweeps = proxyActivities<HistoryActivities>({ startToCloseTimeout: '24 hours', heartbeatTimeout: 10_000, retry: { initialInterval: 500, maximumInterval: 30_000 } });

export const { settleSpan } = asks;

export function recoverPart(part: HistoryPart, span: Span): Promise<RecoveryReport> {
  return sweeps.recoverHistory({ part, span });
}

/** All parts of a span that needs no steps of their own. */
export async function recoverAllParts(span: Span): Promise<RecoveryReport[]> {
  const reports: RecoveryReport[] = [];
  for (const part of HISTORY_PARTS) reports.push(await recoverPart(part, span));
  return reports;
}

/** `past`: nothing happens in it any more. Rejects when something stays missing; returns what further rounds found. */
export async function verifyHistory(past: Span): Promise<RecoveryReport[]> {
  const found: RecoveryReport[] = [];
  for (let round = 1; ; round++) {
    try {
      await sweeps.verifyHistory(past);
      return found;
    } catch (error) {
      if (describeFailure(error).code !== 40005 || round === ROUNDS_MAX) throw error;
      found.push(...(await recoverAllParts(past)));
    }
  }
}
