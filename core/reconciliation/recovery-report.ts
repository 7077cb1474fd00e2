/** What a recovery found, inserted and left, as plain JSON: it travels through heartbeats and stands in the run's record. */

export interface KindCount {
  /** on the exchange */
  found: number;
  /** of these not in the ledger, or there with an older word */
  missing: number;
  inserted: number;
}

export const RECOVERED_KINDS = ['executions', 'funding', 'orders', 'candles', 'intents'] as const;
export type RecoveredKind = (typeof RECOVERED_KINDS)[number];

export interface TradesCount {
  /** with an execution in the span */
  found: number;
  /** without a row in the ledger */
  missing: number;
  inserted: number;
  /** whose row said something else than their executions */
  wrong: number;
  corrected: number;
  /** of somebody else, marked with the strategy `external` */
  external: number;
  /** executions that belonged to no trade and do now */
  attributed: number;
}

export interface RecoveryReport {
  kinds: Record<RecoveredKind, KindCount>;
  trades: TradesCount;
  /** what could not be recovered or had to be assumed, in plain words */
  left: string[];
}

const NONE: KindCount = { found: 0, missing: 0, inserted: 0 };
/** A list that a person still reads. */
const LEFT_MAX = 50;

export function emptyReport(): RecoveryReport {
  return {
    kinds: { executions: NONE, funding: NONE, orders: NONE, candles: NONE, intents: NONE },
    trades: { found: 0, missing: 0, inserted: 0, wrong: 0, corrected: 0, external: 0, attributed: 0 },
    left: [],
  };
}

export function withCount(report: RecoveryReport, kind: RecoveredKind, count: KindCount): RecoveryReport {
  const so = report.kinds[kind];
  return { ...report, kinds: { ...report.kinds, [kind]: { found: so.found + count.found, missing: so.missing + count.missing, inserted: so.inserted + count.inserted } } };
}

export function withTrades(report: RecoveryReport, count: Partial<TradesCount>): RecoveryReport {
  const trades = Object.fromEntries(Object.entries(report.trades).map(([name, so]) => [name, so + (count[name as keyof TradesCount] ?? 0)]));
  return { ...report, trades: trades as unknown as TradesCount };
}

export function withLeft(report: RecoveryReport, left: readonly string[]): RecoveryReport {
  return { ...report, left: [...new Set([...report.left, ...left])].slice(0, LEFT_MAX) };
}

export function mergedReports(reports: readonly RecoveryReport[]): RecoveryReport {
  return reports.reduce((sum, report) => {
    const kinds = RECOVERED_KINDS.reduce((merged, kind) => withCount(merged, kind, report.kinds[kind]), sum);
    return withLeft(withTrades(kinds, report.trades), report.left);
  }, emptyReport());
}

/** Nothing is missing and nothing is wrong. */
export function isWhole({ kinds, trades }: RecoveryReport): boolean {
  return RECOVERED_KINDS.every((kind) => kinds[kind].missing === kinds[kind].inserted) && trades.missing === trades.inserted && trades.wrong === trades.corrected;
}

/** What was found of each kind, and what of it was missing; plain words. */
export function reportWords({ kinds, trades }: RecoveryReport): string {
  const words = RECOVERED_KINDS.filter((kind) => kinds[kind].found > 0).map((kind) => `${kind} ${kinds[kind].found} found, ${kinds[kind].inserted} inserted`);
  if (trades.found > 0) words.push(`trades ${trades.found} found, ${trades.inserted} inserted, ${trades.corrected} corrected${trades.attributed > 0 ? `, ${trades.attributed} executions attributed` : ''}`);
  return words.length === 0 ? 'nothing found' : words.join('; ');
}
