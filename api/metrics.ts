/**
 * `GET /metrics` for Prometheus: the process itself, the four figures of the maintenance guide's dashboard, and the errors
 * of all processes.
 *
 * Invariants
 * 1. A figure that is not known now is absent. A gauge that keeps its last value would hide the outage.
 * 2. A counter never falls while this process lives, also while the ledger is away: a fall reads as a restart.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ApiDependencies } from './api-dependencies.js';
import { apiErrorsOf, createErrorTotals, type ErrorTotal } from './error-totals.js';
import { createProcessMetrics } from './process-metrics.js';
import type { SharedAnswers } from './shared-answers.js';
import { withinLimit } from './time-limit.js';

const FIGURES_TIMEOUT_MS = 3_000;

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
  countRequest(request: { method: string; route: string; status: number }): void;
}

interface Figures {
  up: number;
  activePositions: number | undefined;
  portfolioValue: number | undefined;
  dailyPnl: number | undefined;
}

/** `answers` is for the figures, which have to be asked for: many readers share them. The counts are always of now. */
export function createMetrics(dependencies: ApiDependencies, answers: SharedAnswers<undefined>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({ name: 'trading_bot_api_requests_total', help: 'Requests answered by this API', labelNames: ['method', 'route', 'status'], registers });
  const showErrors = errorCounters(registry);
  const errorTotals = createErrorTotals(dependencies);
  const showFigures = figureGauges(registry);
  const showProcesses = createProcessMetrics(registry, dependencies);
  const refresh = async (): Promise<undefined> => {
    const [figures, { totals }] = await Promise.all([readFigures(dependencies), errorTotals(), showProcesses()]);
    showFigures(figures);
    showErrors(totals);
  };
  return {
    contentType: registry.contentType,
    text: async () => {
      await answers.to('figures', refresh);
      return registry.metrics();
    },
    countRequest: ({ method, route, status }) => requests.inc({ method, route, status }),
  };
}

/** The totals are absolute, so each showing replaces the one before. */
function errorCounters(registry: Registry): (totals: readonly ErrorTotal[]) => void {
  const registers = [registry];
  const byCode = new Counter({ name: 'trading_bot_errors_total', help: 'Errors of all processes, by code of the error catalogue', labelNames: ['code'], registers });
  const api = new Counter({ name: 'trading_bot_api_errors_total', help: 'Errors at the API of the exchange (codes 30001 to 30010), of all processes', registers });
  return (totals) => {
    byCode.reset();
    api.reset();
    for (const { code, occurrences } of totals) byCode.inc({ code }, occurrences);
    api.inc(apiErrorsOf(totals));
  };
}

function figureGauges(registry: Registry): (figures: Figures) => void {
  const registers = [registry];
  const up = new Gauge({ name: 'trading_bot_up', help: '1 when the bot workflow answers', registers });
  const activePositions = new Gauge({ name: 'trading_bot_active_positions', help: 'Open positions', registers });
  const portfolioValue = new Gauge({ name: 'trading_bot_portfolio_value', help: 'Equity of the account in USDT', registers });
  const dailyPnl = new Gauge({ name: 'trading_bot_daily_pnl', help: 'Profit since the start of the UTC day of trading time, in USDT', registers });
  const show = (gauge: Gauge, value: number | undefined): void => (value === undefined ? gauge.remove() : gauge.set(value));
  return (figures) => {
    up.set(figures.up);
    show(activePositions, figures.activePositions);
    show(portfolioValue, figures.portfolioValue);
    show(dailyPnl, figures.dailyPnl);
  };
}

/** Each figure by itself: one source that is away takes only its own figures with it. */
async function readFigures({ ledger, bot, logger }: ApiDependencies): Promise<Figures> {
  const known = async <T>(what: string, ask: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await withinLimit(ask(), { what, limitMs: FIGURES_TIMEOUT_MS });
    } catch (error) {
      logger.debug('A figure of the metrics is not known now', { what, error });
      return undefined;
    }
  };
  const [risk, positions, equity] = await Promise.all([
    known('the bot', () => bot.risk()),
    known('the ledger', async () => (await ledger()).positions()),
    known('the ledger', async () => (await ledger()).latestWallet()),
  ]);
  return {
    up: risk === undefined ? 0 : 1,
    activePositions: positions?.length,
    portfolioValue: equity === undefined || equity === null ? undefined : Number(equity.equity),
    dailyPnl: risk?.dayPnl === undefined ? undefined : Number(risk.dayPnl),
  };
}
