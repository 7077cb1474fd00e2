/** The exchange's side of the comparison: the simulator's own book, read over HTTP and parsed here, not with the simulator's types. */
import { z } from 'zod';
import { toDecimalString } from '../core/money/decimal.js';

const decimal = z.string().transform((text) => toDecimalString(text));
const side = z.enum(['Buy', 'Sell']);

const bookSchema = z.object({
  marketMs: z.number(),
  startingBalance: decimal,
  wallet: z.object({ walletBalance: decimal }),
  orders: z.array(z.object({ orderId: z.string(), orderLinkId: z.string(), symbol: z.string(), status: z.string(), stopOrderType: z.string(), cumExecQty: decimal, createdMs: z.number() })),
  executions: z.array(z.object({
    execId: z.string(), execType: z.string(), orderId: z.string(), orderLinkId: z.string(), symbol: z.string(), side, price: decimal, qty: decimal,
    fee: decimal, feeRate: decimal, markPrice: decimal, execMs: z.number(), seq: z.number(),
  })),
  positions: z.array(z.object({ symbol: z.string(), side: z.enum(['Buy', 'Sell', 'None']), size: decimal, stopLoss: decimal })),
  transactions: z.array(z.object({ type: z.string(), cashFlow: decimal, funding: decimal, fee: decimal, change: decimal })),
  unprotectedSpans: z.array(z.object({ symbol: z.string(), startMs: z.number(), endMs: z.number().nullable(), size: decimal, coveredQty: decimal })),
  duplicateLinkIdRefusals: z.number(),
});

export type ExchangeBook = z.output<typeof bookSchema>;

const FETCH_TIMEOUT_MS = 30_000;

export async function readExchangeBook(simulatorUrl: string): Promise<ExchangeBook> {
  const reply = await fetch(new URL('/sim/book', simulatorUrl), { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!reply.ok) throw new Error(`the simulator answered ${reply.status} to /sim/book`);
  return bookSchema.parse(await reply.json());
}
