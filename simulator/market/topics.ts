/** Names of Bybit's public linear topics. */
import { INTERVALS, type Interval } from '../../core/market/interval.js';

export type PublicTopic =
  | { kind: 'kline'; interval: Interval; symbol: string }
  | { kind: 'tickers'; symbol: string }
  | { kind: 'publicTrade'; symbol: string }
  | { kind: 'orderbook'; depth: number; symbol: string };

const DEPTHS = [1, 50, 200, 1000];

export function parseTopic(topic: string): PublicTopic | undefined {
  const [kind, ...rest] = topic.split('.');
  if (kind === 'tickers' || kind === 'publicTrade') return rest.length === 1 ? { kind, symbol: rest[0] ?? '' } : undefined;
  const [argument = '', symbol = ''] = rest;
  if (rest.length !== 2) return undefined;
  if (kind === 'kline') {
    const interval = INTERVALS.find((candidate) => candidate === argument);
    return interval === undefined ? undefined : { kind, interval, symbol };
  }
  if (kind === 'orderbook' && DEPTHS.includes(Number(argument))) return { kind, depth: Number(argument), symbol };
  return undefined;
}
