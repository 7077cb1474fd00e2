/**
 * Every id that makes an effect idempotent comes from here.
 *
 * Invariants
 * 1. An order link id is a function of trade id, leg and epoch; it is never reused (Bybit: "always unique" for perpetuals).
 * 2. At most 36 characters of [A-Za-z0-9_-] (Bybit V5 docs, order/create, orderLinkId).
 */

/** entry: opens the position · exit: reduce-only close · protect: emergency flatten of an unprotected position */
export type Leg = 'entry' | 'exit' | 'protect';
const LEG_LETTER: Record<Leg, string> = { entry: 'e', exit: 'x', protect: 'p' };

export const ORDER_LINK_ID_MAX_LENGTH = 36;
const TRADE_ID_MAX_LENGTH = 28;
const ALLOWED = /^[A-Za-z0-9_-]+$/;

/**
 * `<symbol><base36 of the decision's candle close in seconds>-<4 base36 characters of the strategy's name>`:
 * one strategy decides at most once per symbol and candle, so the id is the decision.
 */
export function tradeIdFor(decision: { strategy: string; symbol: string; decidedMs: number }): string {
  const id = `${decision.symbol}-${Math.floor(decision.decidedMs / 1000).toString(36)}-${shortHash(decision.strategy)}`;
  if (id.length > TRADE_ID_MAX_LENGTH || !ALLOWED.test(id)) {
    throw new RangeError(`trade id "${id}" must be at most ${TRADE_ID_MAX_LENGTH} characters of [A-Za-z0-9_-]`);
  }
  return id;
}

/** What a trade's id was made of: the strategy only as its mark (see `strategyMark`). undefined: not made by `tradeIdFor`. */
export function decisionOfTradeId(tradeId: string): { symbol: string; decidedMs: number; mark: string } | undefined {
  const match = /^(.+)-([0-9a-z]{1,9})-([0-9a-z]{4})$/.exec(tradeId);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
  return { symbol: match[1], decidedMs: Number.parseInt(match[2], 36) * 1000, mark: match[3] };
}

/** The four characters by which a trade's id names its strategy. */
export function strategyMark(strategy: string): string {
  return shortHash(strategy);
}

/** A position that no trade of ours opened, named by the execution that opened it: the same however often it is found. */
export function externalTradeIdFor({ symbol, execId }: { symbol: string; execId: string }): string {
  return `${symbol}-ext-${shortHash(execId)}${shortHash(`${symbol}/${execId}`)}`;
}

/** Stands where a trade's id would when a position without a trade of ours is closed: one per request and symbol. */
export function closeIdFor({ symbol, requestId }: { symbol: string; requestId: string }): string {
  return `${symbol}-c${shortHash(requestId)}${shortHash(`${symbol}/${requestId}`)}`.slice(0, TRADE_ID_MAX_LENGTH);
}

export function orderLinkIdFor(tradeId: string, leg: Leg, epoch: number): string {
  const id = `${tradeId}-${LEG_LETTER[leg]}${epoch.toString(36)}`;
  if (id.length > ORDER_LINK_ID_MAX_LENGTH || !ALLOWED.test(id)) {
    throw new RangeError(`order link id "${id}" must be at most ${ORDER_LINK_ID_MAX_LENGTH} characters of [A-Za-z0-9_-]`);
  }
  return id;
}

/** The trade that an order link id belongs to, or undefined for an id that is not ours. */
export function tradeIdOfOrderLinkId(orderLinkId: string): string | undefined {
  return /^(.+)-[exp][0-9a-z]+$/.exec(orderLinkId)?.[1];
}

/** The leg of an order link id of ours, or undefined for an id that is not. */
export function legOfOrderLinkId(orderLinkId: string): Leg | undefined {
  const letter = /-([exp])[0-9a-z]+$/.exec(orderLinkId)?.[1];
  return (Object.keys(LEG_LETTER) as Leg[]).find((leg) => LEG_LETTER[leg] === letter);
}

export interface ExitId {
  tradeId: string;
  leg: Exclude<Leg, 'entry'>;
  epoch: number;
}

/** What an exit's order link id was made of, or undefined for an entry's and for an id that is not ours. */
export function exitOfOrderLinkId(orderLinkId: string): ExitId | undefined {
  const tradeId = tradeIdOfOrderLinkId(orderLinkId);
  const leg = legOfOrderLinkId(orderLinkId);
  if (tradeId === undefined || leg === undefined || leg === 'entry') return undefined;
  return { tradeId, leg, epoch: Number.parseInt(orderLinkId.slice(tradeId.length + 2), 36) };
}

/** FNV-1a, 32 bit, as four base36 characters: short, stable across processes, no cryptography needed for a name. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return (hash % 36 ** 4).toString(36).padStart(4, '0');
}
