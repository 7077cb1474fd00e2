/**
 * What goes wrong between bot and exchange: the simulated exchange refuses, is silent, or is used behind the bot's back.
 * They share one bot and one market, candle by candle, in this order: `BTC` wants to enter at every candle.
 */
import { expect } from 'vitest';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import { BOT_WORKFLOW_ID, inspectTradeSignal, pauseUpdate, resumeUpdate, tradeWorkflowId } from '../../../workflows/messages.js';
import type { Provocation } from './provocation.js';
import type { TradingStage, TroubledStrategy } from './trading-stage.js';

const CANDLES = Array.from({ length: 100 }, (_value, index) => index + 1);
const BTC: TroubledStrategy = { name: 'troubled_btc', symbol: 'BTCUSDT', enterAt: CANDLES };
const ETH: TroubledStrategy = { name: 'troubled_eth', symbol: 'ETHUSDT', enterAt: [7] };
export const TRADING_STRATEGIES = [BTC, ETH];
export const TRADING_LIMITS = { max_positions: 1, cooldown_minutes_after_stop: 0 };

const CREATE = '/v5/order/create';
/** asked by every decision, and not by the feeds */
const OPEN_ORDERS = '/v5/order/realtime';
const refusal = (endpoint: string, retCode: number, retMsg: string) => ({ kind: 'retCode', endpoint, retCode, retMsg });

/** The exchange's answers to a decision's reading, and what they mean. */
const ANSWERS: [ErrorCode, Record<string, unknown>][] = [
  [30001, refusal(OPEN_ORDERS, 10006, 'Too many visits!')],
  [30002, refusal(OPEN_ORDERS, 10004, 'error sign!')],
  [30003, { kind: 'httpStatus', endpoint: OPEN_ORDERS, status: 502 }],
  [30004, refusal(OPEN_ORDERS, 10001, 'params error: settleCoin invalid')],
  [30005, refusal(OPEN_ORDERS, 10000, 'Server Timeout')],
  [30006, refusal(OPEN_ORDERS, 10016, 'Service is restarting, please try again later')],
  [30007, refusal(OPEN_ORDERS, 10017, 'Route not found')],
  [30008, refusal(OPEN_ORDERS, 10024, 'Compliance rules triggered')],
  [30009, refusal(OPEN_ORDERS, 10010, 'Unmatched IP, please check your API key\'s bound IP addresses')],
  [30010, refusal(OPEN_ORDERS, 10005, 'Permission denied')],
];

export const TRADING_PROVOCATIONS: readonly Provocation<TradingStage>[] = [
  { codes: [20001], when: 'the exchange says that the balance is not enough', provoke: (stage) => candleWith(stage, refusal(CREATE, 110007, 'ab not enough for new order')) },
  { codes: [20003], when: 'the exchange says that the order is below its minimum', provoke: (stage) => candleWith(stage, refusal(CREATE, 110094, 'Order does not meet minimum order value 5USDT')) },
  { codes: [20004], when: 'the exchange says that it does not trade the symbol now', provoke: (stage) => candleWith(stage, refusal(CREATE, 110066, 'Trading is currently not allowed')) },
  { codes: [20008], when: 'the exchange says that the price is out of its range', provoke: (stage) => candleWith(stage, refusal(CREATE, 110003, 'Order price exceeds the allowable range')) },
  {
    codes: [20009], when: 'a signal comes while the bot is paused',
    provoke: async (stage) => {
      const bot = stage.stack.client.workflow.getHandle(BOT_WORKFLOW_ID);
      await bot.executeUpdate(pauseUpdate, { args: [{ requestId: 'pause-1', reason: 'a test', actor: 'test' }] });
      await stage.nextCandle();
      await bot.executeUpdate(resumeUpdate, { args: [{ requestId: 'resume-1', reason: 'a test', actor: 'test' }] });
    },
  },
  { codes: [20007], when: 'the answer to an order does not come', provoke: (stage) => candleWith(stage, { kind: 'dropReply', endpoint: CREATE, limit: 1 }) },
  { codes: [20010, 20005], when: 'a held symbol, and a further one, are to be entered', provoke: async (stage) => void (await stage.nextCandle()) },
  { codes: [20006], when: 'a position has lost its stop and none can be set', provoke: unprotectedPosition },
  { codes: ANSWERS.map(([code]) => code), when: 'the exchange answers a decision\'s reading with its refusals', provoke: answeredWithRefusals },
  { codes: [10010], when: 'a price that falls through a stop costs more than the day may lose', provoke: dayLoss },
  {
    codes: [10009], when: 'a signal comes while the emergency latch is set',
    provoke: async (stage) => {
      await stage.stack.latch.set({ haltId: 'halt-of-a-test', atMs: Date.now(), reason: 'a test', actor: 'test' });
      await stage.nextCandle();
    },
  },
];

async function candleWith(stage: TradingStage, rule: Record<string, unknown>): Promise<void> {
  await stage.fail(rule);
  await stage.nextCandle();
  await stage.heal();
}

/** One candle for each: the refusal stays until the bot has met it. */
async function answeredWithRefusals(stage: TradingStage): Promise<void> {
  for (const [code, rule] of ANSWERS) {
    await stage.fail(rule);
    const decided = stage.nextCandle();
    await expect.poll(() => stage.said(code), { timeout: 20_000 }).toBe(true);
    await stage.heal();
    await decided;
  }
}

async function unprotectedPosition(stage: TradingStage): Promise<void> {
  const [trade] = await stage.stack.ledger.openTrades();
  if (trade === undefined) throw new Error('the scenario before left no open trade');
  await stage.stack.exchange.setProtection({ symbol: trade.symbol, stopLoss: '0' as never });
  await stage.fail({ kind: 'retCode', endpoint: '/v5/position/trading-stop', retCode: 10001, retMsg: 'StopLoss should lower than base_price' });
  await stage.stack.client.workflow.getHandle(tradeWorkflowId(trade.tradeId)).signal(inspectTradeSignal);
  await expect.poll(async () => (await stage.stack.ledger.trade(trade.tradeId))?.state, { timeout: 20_000 }).toBe('closed');
  await stage.heal();
}

/** The stop limits a loss only where the price passes through it: a leap fills far below. */
async function dayLoss(stage: TradingStage): Promise<void> {
  const { stack } = stage;
  if ((await stack.ledger.openTrades()).length === 0) await stage.nextCandle();
  const [trade] = await stack.ledger.openTrades();
  if (trade === undefined) throw new Error('no trade was opened');
  await stack.simulate('jump', { symbol: trade.symbol, price: String(Math.floor(Number(trade.stopLoss) * 0.8)) });
  await expect.poll(async () => (await stack.ledger.trade(trade.tradeId))?.state, { timeout: 20_000 }).toBe('closed');
  await stage.nextCandle();
}
