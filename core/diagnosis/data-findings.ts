/** Causes in the market data: series without candles, late ones, and holes that keep a strategy from being evaluated. */
import type { DiagnosisFinding } from './finding.js';
import { curlOf } from './remedy.js';
import { missingCandles, type SeriesHealth } from './series-health.js';

const SECOND_MS = 1_000;

export function dataFindings(series: readonly SeriesHealth[], apiUrl: string): DiagnosisFinding[] {
  const call = curlOf(apiUrl, { method: 'GET', path: '/api/v1/data/debug' });
  const problems = series.flatMap((one) => problemOf(one));
  const concernsAll = problems.length > 0 && problems.length === series.length;
  return problems.map(({ strategies, ...problem }) => ({
    ...problem, cause: 'market_data', weight: concernsAll ? 'blocking' : 'limiting', strategies: concernsAll ? [] : strategies, call,
  }));
}

type Problem = Pick<DiagnosisFinding, 'code' | 'message' | 'remedy' | 'strategies'>;

function problemOf(series: SeriesHealth): Problem[] {
  const { symbol, interval, strategies, state, gaps, newestCloseMs, ageMs, candles } = series;
  const name = `${symbol} ${interval}`;
  if (state === 'empty') return [{ strategies, code: 40001, message: `the ledger holds no candle of ${name}`, remedy: 'wait for the first candle; when it does not come, check the exchange feed in /health' }];
  if (state === 'late') {
    const age = Math.round((ageMs ?? 0) / SECOND_MS);
    return [{
      strategies, code: 40006, remedy: 'check the exchange feed and the network; the candles are fetched by REST as soon as the exchange answers',
      message: `${name}: the newest candle closed at ${new Date(newestCloseMs ?? 0).toISOString()}, ${age} s ago; ${missingCandles(series)} are missing`,
    }];
  }
  const [first] = gaps;
  if (first === undefined) return [];
  return [{ strategies, code: first.code, message: `${name}: ${gaps.length} faults within the newest ${candles} candles, the first at ${new Date(first.atMs).toISOString()}: ${first.detail}`, remedy: 'restart the strategy: its candles are then read anew from the exchange' }];
}
