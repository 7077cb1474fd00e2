/** The report of a process that has no business with the exchange: its means alone. */
import type { ResourceSettings } from '../config/resource-sections.js';
import type { Logger } from '../core/ports/logger.js';
import { publishReports, type Reporting, type ReportingOptions } from './process-report.js';
import { MemoryWatch } from './process-report-memory.js';
import { watchVitals } from './process-report-vitals.js';

export interface PlainReportParts {
  service: string;
  instance: string;
  ledger: ReportingOptions['ledger'];
  logger: Logger;
  limits: ResourceSettings;
}

export function reportPlainly({ service, instance, ledger, logger, limits }: PlainReportParts): Reporting {
  const vitals = watchVitals({ service, instance, now: Date.now });
  const memory = new MemoryWatch({ limits, logger, release: () => undefined });
  const reporting = publishReports({
    logger, ledger,
    collect: () => {
      const own = vitals.read();
      return { ...own, memoryCleanups: memory.judge(own.memory.rss), apiStats: null, cacheStats: null, feed: null, keyInfo: null, prices: [] };
    },
  });
  return {
    stop: async () => {
      vitals.stop();
      await reporting.stop();
    },
  };
}
