/**
 * What only the operator of the simulator may do, on loopback: see where the market stands, move it in lock-step, read
 * the exchange's own book, inject faults. Not part of Bybit's API.
 */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { FaultInjector } from '../faults/fault-injector.js';
import { parseFaultPlan } from '../faults/fault-rule.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import type { RawRequest } from '../server/rest-dispatch.js';
import { bookOf } from './book.js';

export interface MarketStatus {
  market: 'replay' | 'synthetic' | 'live';
  /** plain words */
  source: string;
  speed: number | 'max';
  marketMs: number;
  startMs: number;
  /** null: the market never ends */
  endMs: number | null;
  finished: boolean;
  lockStep: boolean;
}

export interface AdminOptions {
  exchange: SimulatedExchange;
  faults: FaultInjector;
  status: () => MarketStatus;
  /** false when the market is not in lock-step; resolves after all frames have left */
  advance: (untilMs: number) => Promise<boolean>;
  /** sends public frames after the price was moved by hand */
  publish: () => void;
}

export interface AdminReply {
  status: number;
  body: unknown;
}

const LOOPBACK = ['127.0.0.1', '::1'];
const advanceSchema = z.object({ until: z.number().int().min(0) });
const jumpSchema = z.object({ symbol: z.string(), price: z.string() });
const fundingSchema = z.object({ symbol: z.string(), rate: z.string() });

export class AdminSurface {
  constructor(private readonly options: AdminOptions) {}

  async handle(request: RawRequest): Promise<AdminReply> {
    if (!LOOPBACK.includes(request.fromAddress)) return { status: 403, body: { error: 'only from loopback' } };
    try {
      return await this.route(request);
    } catch (error) {
      if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } };
      if (error instanceof SyntaxError || error instanceof RangeError) return { status: 400, body: { error: error.message } };
      if (isBotError(error)) return { status: 400, body: { error: error.message, code: error.code, fix: error.fix } };
      throw error;
    }
  }

  private async route(request: RawRequest): Promise<AdminReply> {
    const { exchange, faults } = this.options;
    switch (`${request.method} ${request.path}`) {
      case 'GET /sim/status': return { status: 200, body: this.options.status() };
      case 'GET /sim/book': return { status: 200, body: bookOf(exchange) };
      case 'POST /sim/advance': return this.advance(request.body);
      case 'GET /sim/faults': return { status: 200, body: { rules: faults.list() } };
      case 'POST /sim/faults': return { status: 200, body: { added: faults.add(parseFaultPlan(request.body)) } };
      case 'DELETE /sim/faults': return this.deleteFaults(request.rawQuery);
      case 'POST /sim/jump': return this.jump(request.body);
      case 'POST /sim/funding': return this.funding(request.body);
      default: return { status: 404, body: { error: 'no such admin endpoint' } };
    }
  }

  private async advance(body: string): Promise<AdminReply> {
    const { until } = advanceSchema.parse(JSON.parse(body));
    const isLockStep = await this.options.advance(until);
    if (!isLockStep) return { status: 409, body: { error: 'the market runs by itself; start the simulator with --speed max for lock-step' } };
    const { marketMs, finished } = this.options.status();
    return { status: 200, body: { marketMs, finished } };
  }

  private deleteFaults(rawQuery: string): AdminReply {
    const id = new URLSearchParams(rawQuery).get('id');
    if (id === null) this.options.faults.clear();
    else if (!this.options.faults.remove(Number(id))) return { status: 404, body: { error: `no fault rule ${id}` } };
    return { status: 200, body: { rules: this.options.faults.list() } };
  }

  /** The price leaps, as over a stop; the recorded path goes on afterwards. */
  private jump(body: string): AdminReply {
    const { symbol, price } = jumpSchema.parse(JSON.parse(body));
    const reply = this.options.exchange.submit({ kind: 'priceStep', symbol, lastPrice: price, markPrice: price, indexPrice: price, continuous: false });
    this.options.publish();
    return { status: 200, body: reply };
  }

  private funding(body: string): AdminReply {
    const { symbol, rate } = fundingSchema.parse(JSON.parse(body));
    return { status: 200, body: this.options.exchange.submit({ kind: 'fundingTick', symbol, rate }) };
  }
}
