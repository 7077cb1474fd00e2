/**
 * Publishes what this process says of itself, every few seconds, as a state document of the ledger.
 *
 * Invariants
 * 1. At most one report is under way: a ledger that is slow gets fewer reports, never a queue of them.
 * 2. Nothing waits for a report, and a report waits for nothing but the ledger: what has to be asked for elsewhere is asked
 *    in the background and reported as it was last known.
 * 3. A ledger that is away costs one log line, not one per report.
 */
import { isBotError } from '../core/errors/bot-error.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import { PROCESS_STATE_PREFIX, REPORT_EVERY_MS, type ProcessReport } from '../core/ports/process-report.js';

const FORGET_AFTER_MS = 86_400_000;
const PROCESSES_KEPT = 50;

export interface ReportingOptions {
  /** rejects with 10003 while the database does not answer */
  ledger(): Promise<Pick<Ledger, 'saveState' | 'forgetStates'> & Partial<Pick<Ledger, 'poolStatistics'>>>;
  collect(): ProcessReport;
  logger: Logger;
  everyMs?: number;
}

export interface Reporting {
  /** waits for the report that is under way */
  stop(): Promise<void>;
}

export function publishReports(options: ReportingOptions): Reporting {
  let underWay: Promise<void> | undefined;
  const outage = { isKnown: false };
  const publish = (isFirst: boolean): void => {
    const report = options.collect();
    underWay ??= save(options, report, { isFirst, outage }).finally(() => { underWay = undefined; });
  };
  publish(true);
  const timer = setInterval(() => publish(false), options.everyMs ?? REPORT_EVERY_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}

async function save({ ledger: open, logger }: ReportingOptions, report: ProcessReport, { isFirst, outage }: { isFirst: boolean; outage: { isKnown: boolean } }): Promise<void> {
  try {
    const ledger = await open();
    await ledger.saveState(`${PROCESS_STATE_PREFIX}${report.service}-${report.instance}`, { ...report, pool: ledger.poolStatistics?.() });
    if (isFirst) await ledger.forgetStates({ prefix: PROCESS_STATE_PREFIX, beforeMs: report.atMs - FORGET_AFTER_MS, keep: PROCESSES_KEPT });
    if (outage.isKnown) logger.info('Reports of this process reach the ledger again');
    outage.isKnown = false;
  } catch (error) {
    if (!outage.isKnown) logger.warning('Reports of this process do not reach the ledger', isBotError(error) ? { code: error.code, error: error.message } : { error });
    outage.isKnown = true;
  }
}
