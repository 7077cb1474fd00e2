/**
 * Going over a span piece by piece, each as long as the exchange answers at once. Between two pieces the sweep can be
 * stopped, and goes on where it was.
 */
import { emptyReport, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';

/** Bybit refuses longer spans on executions, orders and transactions (docs of each endpoint). */
export const WINDOW_MS = 7 * 86_400_000;

export interface Span {
  /** exchange ms, both ends inclusive */
  fromMs: number;
  untilMs: number;
  /** empty: all */
  symbols: readonly string[];
}

/** One request's worth: of one symbol, or of all. */
export interface Piece {
  symbol?: string;
  fromMs: number;
  toMs: number;
}

/** How far a sweep has come. Plain JSON. */
export interface SweepState {
  done: number;
  of: number;
  report: RecoveryReport;
}

export interface SweepOptions {
  /** only look: nothing is inserted */
  dryRun?: boolean;
  /** where an earlier attempt came to */
  from?: SweepState;
  /** after each piece; rejects to stop here */
  onProgress?: (state: SweepState) => void | Promise<void>;
}

export function windowsOf({ fromMs, untilMs, symbols }: Span): Piece[] {
  const pieces: Piece[] = [];
  for (let startMs = fromMs; startMs <= untilMs; startMs += WINDOW_MS) {
    const toMs = Math.min(startMs + WINDOW_MS - 1, untilMs);
    if (symbols.length === 0) pieces.push({ fromMs: startMs, toMs });
    else pieces.push(...symbols.map((symbol) => ({ symbol, fromMs: startMs, toMs })));
  }
  return pieces;
}

export async function sweep<P>(pieces: readonly P[], { from, onProgress }: SweepOptions, each: (piece: P, report: RecoveryReport) => Promise<RecoveryReport>): Promise<RecoveryReport> {
  let report = from?.report ?? emptyReport();
  for (const [index, piece] of pieces.entries()) {
    if (index < (from?.done ?? 0)) continue;
    report = await each(piece, report);
    await onProgress?.({ done: index + 1, of: pieces.length, report });
  }
  return report;
}
