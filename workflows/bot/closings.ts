/**
 * Closing positions by hand. A trade of ours closes itself, whole or in part; a position that none holds is closed by a
 * small workflow of its own. The handlers do it themselves: closing does not wait for the loop.
 */
import { log } from '@temporalio/workflow';
import { BotError } from '../../core/errors/bot-error.js';
import { dec, isMultipleOf, toDecimalString, ZERO, type Decimal, type DecimalString } from '../../core/money/decimal.js';
import type { Position } from '../../core/orders/order.js';
import { describeFailure } from '../failure-detail.js';
import { tradeWorkflowId, type CommandRequest } from '../messages.js';
import { reads } from './bot-activities.js';
import type { BotState, BotTrade } from './bot-state.js';
import type { TradeDesk } from './trade-desk.js';

interface Done { changed: boolean; detail: string; workflowIds: string[] }
type CloseOne = CommandRequest & { symbol: string; qty: DecimalString | null };

export class Closings {
  constructor(private readonly state: BotState, private readonly desk: TradeDesk) {}

  async closeOne(command: CloseOne): Promise<Done> {
    const { symbol, qty } = command;
    const trade = this.tradeOn(symbol);
    if (trade && qty === null) return this.closeTrade(trade, command);
    const position = (await openPositions()).find((open) => open.symbol === symbol);
    if (!position) throw new BotError(20002, `no position is open in ${symbol.slice(0, 32)}`, { fix: 'GET /api/v1/positions/active lists what is open' });
    const keep = qty === null ? ZERO : await restAfter(position, qty);
    if (!trade) return this.closeForeign(position, keep, command);
    return qty === null || keep.isZero() ? this.closeTrade(trade, command) : this.reduceTrade(trade, { ...command, qty });
  }

  /** Our own trades first: they wait for no answer. */
  async closeAll(command: CommandRequest): Promise<Done> {
    const own = await Promise.all(this.state.trades.map((trade) => this.closeTrade(trade, command)));
    const { positions, unknown } = await this.foreignPositions();
    const foreign = await Promise.all(positions.map((position) => this.closeForeign(position, ZERO, command)));
    const all = [...own, ...foreign];
    const detail = [all.length === 0 ? 'nothing is open' : all.map((done) => done.detail).join('; '), unknown].filter(Boolean).join('; ');
    return { changed: all.some(({ changed }) => changed), detail, workflowIds: all.flatMap(({ workflowIds }) => workflowIds) };
  }

  private async closeTrade(trade: BotTrade, { requestId }: CommandRequest): Promise<Done> {
    const changed = trade.state !== 'closing';
    await this.desk.exit(trade.tradeId, { requestId, reason: 'operator' });
    const words = `${trade.symbol}: trade ${trade.tradeId} of ${trade.strategy}`;
    return { changed, detail: changed ? `${words} is being closed` : `${words} was being closed already`, workflowIds: [tradeWorkflowId(trade.tradeId)] };
  }

  private async reduceTrade(trade: BotTrade, { requestId, qty }: { requestId: string; qty: DecimalString }): Promise<Done> {
    await this.desk.reduce(trade.tradeId, { requestId, reason: 'operator', qty });
    return { changed: true, detail: `${trade.symbol}: ${qty} of ${trade.qty} of trade ${trade.tradeId} are being closed`, workflowIds: [tradeWorkflowId(trade.tradeId)] };
  }

  private async closeForeign(position: Position, keep: Decimal, { requestId, reason, actor }: CommandRequest): Promise<Done> {
    const { symbol, size, updatedMs } = position;
    const closing = { symbol, keep: toDecimalString(keep), decidedMs: this.state.decidedThroughMs || updatedMs, reason, actor };
    const workflowId = await this.desk.closeForeign(closing, requestId);
    return { changed: true, detail: `${symbol}: a position of ${size} that no trade holds is being closed down to ${closing.keep}`, workflowIds: [workflowId] };
  }

  private async foreignPositions(): Promise<{ positions: Position[]; unknown: string }> {
    try {
      return { positions: (await openPositions()).filter(({ symbol }) => this.tradeOn(symbol) === undefined), unknown: '' };
    } catch (error) {
      const { message } = describeFailure(error);
      log.warn('Positions without a trade are not known: the exchange was not read', { message });
      return { positions: [], unknown: `positions that no trade holds are not known: ${message}` };
    }
  }

  private tradeOn(symbol: string): BotTrade | undefined {
    return this.state.trades.find((trade) => trade.symbol === symbol);
  }
}

async function openPositions(): Promise<Position[]> {
  const { positions } = await reads.accountNow();
  return positions.filter(({ side, size }) => side !== 'None' && !dec(size).isZero());
}

/** What stays open when the quantity is closed. */
async function restAfter({ symbol, size }: Position, qty: DecimalString): Promise<Decimal> {
  const rest = dec(size).minus(dec(qty));
  if (dec(qty).lte(0) || rest.lt(0)) {
    throw new BotError(20003, `${qty} cannot be closed of a position of ${size} ${symbol}`, { fix: `give a quantity above 0 and up to ${size}, or none to close it all` });
  }
  if (rest.isZero()) return rest;
  const { qtyStep, minOrderQty } = await reads.lotRules(symbol);
  if (isMultipleOf(dec(qty), dec(qtyStep)) && dec(qty).gte(dec(minOrderQty))) return rest;
  throw new BotError(20003, `${qty} ${symbol} is no size of the exchange: a multiple of ${qtyStep}, at least ${minOrderQty}`, { fix: `give a multiple of ${qtyStep}` });
}
