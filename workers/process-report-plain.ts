/** The report of a process that has no business with the exchange: its means alone. */
import type { ResourceSettings } from '../config/resource-sections.js';
import type { Logger } from '../core/ports/logger.js';
import type { ProcessVitals } from '../core/ports/process-report.js';
import { publishReports, type Reporting, type ReportingOptions } from './process-report.js';
import { MemoryWatch } from './process-report-memory.js';
import { memoryNow, watchVitals } from './process-report-vitals.js';

export interface PlainReportParts {
  service: string;
  instance: string;
  ledger: ReportingOptions['ledger'];
  logger: Logger;
  limits: ResourceSettings;
}

export interface PlainReporting extends Reporting {
  /** memory as it is now, the rest as in the newest report */
  vitals(): ProcessVitals;
}

export function reportPlainly({ service, instance, ledger, logger, limits }: PlainReportParts): PlainReporting {
  const vitals = watchVitals({ service, instance, now: Date.now });
  let newest = vitals.read();
  const memory = new MemoryWatch({ limits, logger, release: () => undefined });
  const reporting = publishReports({
    logger, ledger,
    collect: () => {
      newest = vitals.read();
      return { ...newest, memoryCleanups: memory.judge(newest.memory.rss), apiStats: null, cacheStats: null, feed: null, keyInfo: null, prices: [] };
    },
  });
  return {
    vitals: () => ({ ...newest, atMs: Date.now(), memory: memoryNow() }),
    stop: async () => {
      vitals.stop();
      await reporting.stop();
    },
  };
}
