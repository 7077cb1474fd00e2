/**
 * The part of `/metrics` that comes from the reports of the processes: use of the exchange's budget, latencies, memory, prices.
 *
 * Invariant: a process that fell silent has no figures here. Its last ones would look like a bot at rest.
 */
import { Gauge, type Registry } from 'prom-client';
import { REPORT_STALE_AFTER_MS, type ProcessReport } from '../core/ports/process-report.js';
import type { ApiDependencies } from './api-dependencies.js';
import { withinLimit } from './time-limit.js';

const REPORTS_TIMEOUT_MS = 3_000;
const MS_PER_SECOND = 1_000;
const QUANTILES = [['0.5', 'p50'], ['0.95', 'p95'], ['0.99', 'p99']] as const;

/** Returns how to bring the gauges up to date. Never rejects. */
export function createProcessMetrics(registry: Registry, dependencies: ApiDependencies): () => Promise<void> {
  const show = processGauges(registry);
  return async () => show(await livingReports(dependencies));
}

async function livingReports({ ledger: open, clock, logger }: ApiDependencies): Promise<ProcessReport[]> {
  try {
    const reports = await withinLimit(open().then((ledger) => ledger.processReports()), { what: 'the reports of the processes', limitMs: REPORTS_TIMEOUT_MS });
    return reports.filter(({ atMs }) => clock() - atMs <= REPORT_STALE_AFTER_MS);
  } catch (error) {
    logger.debug('The reports of the processes are not known now', { error });
    return [];
  }
}

function processGauges(registry: Registry): (reports: readonly ProcessReport[]) => void {
  const gauge = (name: string, help: string, labels: string[]): Gauge => new Gauge({ name: `trading_bot_${name}`, help, labelNames: ['service', 'instance', ...labels], registers: [registry] });
  const headroom = gauge('exchange_budget_headroom_requests', 'Requests to the exchange that are free in the window', ['window_seconds']);
  const latency = gauge('exchange_latency_seconds', 'Latency of requests to the exchange, of the newest 1024', ['endpoint', 'quantile']);
  const memory = gauge('process_memory_bytes', 'Resident memory of each process', []);
  const lateness = gauge('event_loop_delay_seconds', 'How late the event loop was, 99th percentile of the last seconds', []);
  const price = gauge('last_price', 'Last traded price of each followed symbol, for display', ['symbol']);
  const all = [headroom, latency, memory, lateness, price];
  return (reports) => {
    for (const one of all) one.reset();
    for (const { service, instance, memory: { rss }, eventLoopDelayMs, apiStats, prices } of reports) {
      const process = { service, instance };
      memory.set(process, rss);
      lateness.set(process, eventLoopDelayMs.p99 / MS_PER_SECOND);
      for (const { windowMs, headroom: free } of apiStats?.budgets ?? []) headroom.set({ ...process, window_seconds: windowMs / MS_PER_SECOND }, free);
      for (const { endpoint, latency: measured } of apiStats?.endpoints ?? []) {
        if (measured !== null) for (const [quantile, percentile] of QUANTILES) latency.set({ ...process, endpoint, quantile }, measured[percentile] / MS_PER_SECOND);
      }
      for (const { symbol, lastPrice } of prices) price.set({ ...process, symbol }, Number(lastPrice));
    }
  };
}
