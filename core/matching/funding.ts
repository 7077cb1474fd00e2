/**
 * Funding: at its instant the holders exchange size × mark × rate; a long pays a positive rate. It is an execution of
 * type Funding and a SETTLEMENT in the transaction log, whose `funding` has the opposite sign of the fee.
 */
import { type Decimal, dec, parseDecimal, toDecimalString, ZERO } from '../money/decimal.js';
import { applyFunding } from '../portfolio/position.js';
import type { ExecutionRow, FundingTickCommand } from './contract.js';
import { pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { fundingExecutionIdOf } from './ids.js';
import { positionSide, positionSize } from './protection.js';
import { bookTransaction } from './transaction-log.js';
import type { Turn } from './turn.js';

const NONE = toDecimalString(ZERO);

/** A repeated tick has no effect, so a market source that resumes may send its last one again. */
export function applyFundingTick(turn: Turn, command: FundingTickCommand): void {
  const symbol = symbolOf(turn.state, command.symbol);
  const rate = parseDecimal(command.rate, 'rate');
  if (command.atMs <= symbol.lastFundingMs) return;
  symbol.lastFundingMs = command.atMs;
  if (positionSide(symbol) === 'None') return;
  settleFunding(turn, symbol, rate);
}

function settleFunding(turn: Turn, symbol: SymbolState, rate: Decimal): void {
  const { book, payment } = applyFunding(symbol.position, { markPrice: pricesOf(symbol).markPrice, rate: toDecimalString(rate) });
  symbol.position = book;
  symbol.seq += 1;
  symbol.updatedMs = turn.atMs;
  turn.state.walletBalance = toDecimalString(dec(turn.state.walletBalance).minus(payment));
  turn.walletTouched = true;
  turn.touched.add(symbol.instrument.symbol);
  const execution = fundingExecution(turn, symbol, { payment, rate: toDecimalString(rate) });
  turn.state.executions.push(execution);
  turn.events.push({ kind: 'execution', execution });
  bookTransaction(turn, {
    id: execution.execId, symbol: execution.symbol, side: execution.side, type: 'SETTLEMENT', qty: execution.qty,
    size: book.signedSize, tradePrice: execution.price, funding: toDecimalString(dec(payment).negated()), fee: NONE, cashFlow: NONE,
    feeRate: execution.feeRate, tradeId: execution.execId, orderId: execution.orderId, orderLinkId: '',
  });
}

function fundingExecution(
  turn: Turn, symbol: SymbolState, paid: { payment: ExecutionRow['fee']; rate: ExecutionRow['feeRate'] },
): ExecutionRow {
  const side = positionSide(symbol);
  const { markPrice, indexPrice } = pricesOf(symbol);
  const execId = fundingExecutionIdOf(turn.state.options.account, symbol.instrument.symbol, turn.atMs);
  const qty = positionSize(symbol);
  return {
    execId, execType: 'Funding', orderId: execId, orderLinkId: '', symbol: symbol.instrument.symbol, side: side === 'Sell' ? 'Sell' : 'Buy',
    stopOrderType: '', createType: '', price: markPrice, qty: toDecimalString(qty), value: toDecimalString(qty.times(markPrice)),
    fee: paid.payment, feeRate: paid.rate, isMaker: false, closedSize: NONE, markPrice, execMs: turn.atMs, seq: symbol.seq,
    orderPrice: NONE, orderQty: NONE, leavesQty: NONE, orderType: 'UNKNOWN', indexPrice, execPnl: NONE,
  };
}
