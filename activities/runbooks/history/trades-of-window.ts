/**
 * The trades of a piece of a span, each whole: the executions of a trade that began before the piece or ended after it are
 * looked for there, too, in the ledger and on the exchange. A trade of which only a part is known is never judged.
 */
import { ZERO, dec, type Decimal } from '../../../core/money/decimal.js';
import { decisionOfTradeId, tradeIdOfOrderLinkId } from '../../../core/orders/ids.js';
import type { Execution } from '../../../core/orders/order.js';
import { rebuildTrades, type Rebuilt, type RebuiltTrade } from '../../../core/reconciliation/rebuild-trades.js';
import { recoverExecutions, type FactDependencies } from './recover-facts.js';
import { emptyReport, mergedReports, type RecoveryReport } from '../../../core/reconciliation/recovery-report.js';
import { WINDOW_MS, type Piece } from './sweep.js';

export type SymbolPiece = Required<Piece>;

export interface WindowOfTrades extends Rebuilt {
  /** of the executions that were looked for beyond the piece */
  report: RecoveryReport;
}

interface Look {
  dryRun: boolean;
  /** nothing on the exchange is later, exchange ms */
  presentMs: number;
}

/** A position that was held for longer than this before the span is left to a person. */
const LOOK_BACK_MS_MAX = 26 * WINDOW_MS;
/** Executions may carry a time a little before the decision's candle close when the order filled on the boundary itself. */
const DECISION_LEAD_MS = 60_000;

export async function tradesOfWindow(deps: FactDependencies, piece: SymbolPiece, look: Look): Promise<WindowOfTrades> {
  const reader = new Reader(deps, piece, look);
  const heldSinceMs = await deps.ledger.heldSinceMs(piece.symbol, piece.fromMs);
  let reach = { ...piece, fromMs: Math.max(heldSinceMs ?? piece.fromMs, piece.fromMs - LOOK_BACK_MS_MAX) };
  for (;;) {
    const executions = await reader.executions(reach);
    const rebuilt = rebuildTrades(executions);
    const trades = rebuilt.trades.filter((trade) => trade.executions.some((execution) => isIn(piece, execution)));
    const unplaced = rebuilt.unplaced.filter((execution) => isIn(piece, execution));
    const wanted = wantedReach({ piece, reach, trades, unplaced, present: look.presentMs, executions });
    if (wanted.fromMs === reach.fromMs && wanted.toMs === reach.toMs) return { trades, unplaced, report: reader.report };
    reach = wanted;
  }
}

interface Seen {
  piece: SymbolPiece;
  reach: SymbolPiece;
  trades: RebuiltTrade[];
  unplaced: Execution[];
  executions: Execution[];
  present: number;
}

function wantedReach({ piece, reach, trades, unplaced, executions, present }: Seen): SymbolPiece {
  const decided = executions.filter((execution) => isIn(piece, execution)).flatMap(({ orderLinkId }) => {
    const decision = decisionOfTradeId(tradeIdOfOrderLinkId(orderLinkId) ?? '');
    return decision === undefined ? [] : [decision.decidedMs - DECISION_LEAD_MS];
  });
  const earlier = unplaced.length > 0 ? reach.fromMs - WINDOW_MS : reach.fromMs;
  const later = trades.some((trade) => !isOver(trade)) ? Math.min(reach.toMs + WINDOW_MS, present) : reach.toMs;
  return { ...reach, fromMs: Math.max(Math.min(earlier, reach.fromMs, ...decided), Math.min(reach.fromMs, piece.fromMs - LOOK_BACK_MS_MAX)), toMs: Math.max(later, reach.toMs) };
}

function isIn({ fromMs, toMs }: SymbolPiece, { execMs }: Execution): boolean {
  return execMs >= fromMs && execMs <= toMs;
}

function isOver({ side, executions }: RebuiltTrade): boolean {
  const open = executions.filter(({ execType }) => execType !== 'Funding').reduce((sum: Decimal, { qty, side: fillSide }) => (fillSide === side ? sum.plus(dec(qty)) : sum.minus(dec(qty))), ZERO);
  return open.lte(0);
}

/** Reads the ledger, and asks the exchange for what lies beyond what was asked for before. */
class Reader {
  report = emptyReport();
  private asked: { fromMs: number; toMs: number } | undefined;
  /** what a dry run found and did not insert */
  private readonly missing: Execution[] = [];

  constructor(private readonly deps: FactDependencies, private readonly piece: SymbolPiece, private readonly look: Look) {
    // the sweep before this one has asked for the piece itself; a dry run has inserted nothing
    if (!look.dryRun) this.asked = piece;
  }

  async executions(reach: SymbolPiece): Promise<Execution[]> {
    await this.ask(reach);
    const { symbol, fromMs, toMs } = reach;
    return [...(await this.deps.ledger.executionsBetween({ symbol, fromMs, toMs })), ...this.missing];
  }

  private async ask({ symbol, fromMs, toMs }: SymbolPiece): Promise<void> {
    const asked = this.asked ?? { fromMs: this.piece.fromMs, toMs: this.piece.fromMs - 1 };
    const gaps = [{ fromMs, untilMs: asked.fromMs - 1 }, { fromMs: asked.toMs + 1, untilMs: toMs }].filter((gap) => gap.fromMs <= gap.untilMs);
    for (const gap of gaps) {
      const found = await recoverExecutions(this.deps, { ...gap, symbols: [symbol] }, { dryRun: this.look.dryRun, onMissing: (executions) => this.missing.push(...executions) });
      // what lies in the piece has been counted by the sweep before
      if (gap.untilMs < this.piece.fromMs || gap.fromMs > this.piece.toMs) this.report = mergedReports([this.report, found]);
    }
    this.asked = { fromMs: Math.min(fromMs, asked.fromMs), toMs: Math.max(toMs, asked.toMs) };
  }
}
