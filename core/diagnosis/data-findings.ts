/** Causes in the market data: series without candles, late ones, and holes in what the ledger holds. */
import type { DiagnosisFinding } from './finding.js';
import { curlOf } from './remedy.js';
import { missingCandles, type SeriesHealth } from './series-health.js';

const SECOND_MS = 1_000;

export function dataFindings(series: readonly SeriesHealth[], apiUrl: string): DiagnosisFinding[] {
  const call = curlOf(apiUrl, { method: 'GET', path: '/api/v1/data/debug' });
  const absent = series.flatMap((one) => absenceOf(one));
  const concernsAll = absent.length > 0 && absent.length === series.length;
  return [
    ...absent.map(({ strategies, ...problem }): DiagnosisFinding => ({
      ...problem, cause: 'market_data', weight: concernsAll ? 'blocking' : 'limiting', strategies: concernsAll ? [] : strategies, call,
    })),
    ...series.flatMap((one) => gapsOf(one)).map((problem): DiagnosisFinding => ({ ...problem, cause: 'market_data', weight: 'explaining', call })),
  ];
}

type Problem = Pick<DiagnosisFinding, 'code' | 'message' | 'remedy' | 'strategies'>;

function absenceOf(series: SeriesHealth): Problem[] {
  const { symbol, interval, strategies, state, newestCloseMs, ageMs } = series;
  const name = `${symbol} ${interval}`;
  if (state === 'empty') return [{ strategies, code: 40001, message: `the ledger holds no candle of ${name}`, remedy: 'wait for the first candle; when it does not come, check the exchange feed in /health' }];
  if (state === 'fresh') return [];
  const age = Math.round((ageMs ?? 0) / SECOND_MS);
  return [{
    strategies, code: 40006, remedy: 'check the exchange feed and the network; the candles are fetched by REST as soon as the exchange answers',
    message: `${name}: the newest candle closed at ${new Date(newestCloseMs ?? 0).toISOString()}, ${age} s ago; ${missingCandles(series)} are missing`,
  }];
}

/** Holes in the ledger keep nobody from trading: the bot asks the exchange for what a strategy needs and the ledger lacks. */
function gapsOf({ symbol, interval, strategies, gaps, candles }: SeriesHealth): Problem[] {
  const [first] = gaps;
  if (first === undefined) return [];
  return [{
    strategies, code: first.code, remedy: 'nothing now: what a strategy needs is fetched from the exchange; restarting the strategy has its candles read anew',
    message: `${symbol} ${interval}: ${gaps.length} faults within the newest ${candles} candles of the ledger, the first at ${new Date(first.atMs).toISOString()}: ${first.detail}`,
  }];
}
