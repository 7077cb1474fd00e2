/**
 * The simulated exchange as plain data: what goes in (commands with their market time), what comes out (a reply and
 * events), and the rows that are kept. Types only.
 *
 * Invariants
 * 1. A command is plain JSON and carries everything that its effect depends on, so a journal of commands is the exchange:
 *    the same commands on the same state give the identical state, replies and events.
 * 2. `atMs` is market time (ms since epoch). It never decreases for one symbol.
 * 3. Every amount is a `DecimalString`; client-given numbers arrive as raw text and are judged by the engine.
 * 4. One state is one account: USDT perpetuals, cross margin, one-way mode.
 */
import type { DecimalString } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { Execution, Order, OrderType, Side } from '../orders/order.js';

export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly';
export type TriggerBy = 'LastPrice' | 'MarkPrice' | 'IndexPrice';
/** 0 none, 1 the price rises to the trigger, 2 it falls to it */
export type TriggerDirection = 0 | 1 | 2;
export type TpslMode = 'Full' | 'Partial';
/** 0 one-way, 3 hedge (accepted as a setting, but every order is refused while it is on) */
export type PositionMode = 0 | 3;
/** Bybit enum marginMode; only REGULAR_MARGIN (cross) can be in force here */
export type MarginMode = 'REGULAR_MARGIN' | 'ISOLATED_MARGIN' | 'PORTFOLIO_MARGIN';

// ---------------------------------------------------------------- options

/** One step of a symbol's risk ladder, as Bybit's `GET /v5/market/risk-limit` states it; rates are fractions. */
export interface RiskTier {
  id: number;
  /** largest position value of this tier, USDT */
  riskLimitValue: DecimalString;
  initialMargin: DecimalString;
  maintenanceMargin: DecimalString;
  maxLeverage: DecimalString;
  /** USDT */
  mmDeduction: DecimalString;
}

/**
 * Price paid by a taker for quantity q: last ± (halfSpreadTicks × tick + last × impactRate × q / volume), rounded to the
 * tick against the taker. `volume` is that of the symbol's latest price step; without one there is no impact.
 */
export interface SlippageModel {
  halfSpreadTicks: number;
  /** fraction by which taking the whole volume of the current bar moves the price, for example "0.1" */
  impactRate: DecimalString;
}

/** Splits fills into a deterministic number of parts (2..maxParts) with sizes drawn from the seed and the order id. */
export interface PartialFillPlan {
  seed: number;
  maxParts: number;
  /** an immediate (market, IOC) order does not get its last part: it ends Cancelled with a filled quantity */
  cancelRemainder?: boolean;
}

export interface ExchangeOptions {
  /** account name; part of every id */
  account: string;
  instruments: readonly Instrument[];
  /** by symbol, ascending by riskLimitValue; a symbol without an entry uses `defaultRiskTiers` */
  riskTiers: Readonly<Record<string, readonly RiskTier[]>>;
  /** USDT */
  startingBalance: DecimalString;
  takerFeeRate: DecimalString;
  makerFeeRate: DecimalString;
  defaultLeverage: DecimalString;
  slippage: SlippageModel;
  /** applies to every order that brings no plan of its own; null: orders fill in one execution */
  partialFills: PartialFillPlan | null;
}

// ---------------------------------------------------------------- commands

interface At { atMs: number }

/** Numbers as raw text, as the client sent them; absent and '' mean "not given". */
export interface PlaceOrderCommand extends At {
  kind: 'placeOrder';
  symbol: string;
  side: Side;
  orderType: OrderType;
  qty: string;
  price?: string;
  timeInForce?: TimeInForce;
  positionIdx?: number;
  orderLinkId?: string;
  reduceOnly?: boolean;
  closeOnTrigger?: boolean;
  triggerPrice?: string;
  triggerDirection?: TriggerDirection;
  triggerBy?: TriggerBy;
  takeProfit?: string;
  stopLoss?: string;
  tpTriggerBy?: TriggerBy;
  slTriggerBy?: TriggerBy;
  /** attached protection is Full only; Partial is refused with 10001 */
  tpslMode?: TpslMode;
  slippageToleranceType?: 'TickSize' | 'Percent';
  slippageTolerance?: string;
  /** fault plan of the simulator, not part of Bybit's request */
  partialFills?: PartialFillPlan;
}

/** By orderId or orderLinkId (orderId wins). "0" removes an attached takeProfit or stopLoss. */
export interface AmendOrderCommand extends At {
  kind: 'amendOrder';
  symbol: string;
  orderId?: string;
  orderLinkId?: string;
  qty?: string;
  price?: string;
  triggerPrice?: string;
  triggerBy?: TriggerBy;
  takeProfit?: string;
  stopLoss?: string;
  tpTriggerBy?: TriggerBy;
  slTriggerBy?: TriggerBy;
}

export interface CancelOrderCommand extends At {
  kind: 'cancelOrder';
  symbol: string;
  orderId?: string;
  orderLinkId?: string;
}

/** Scope: symbol, else baseCoin, else settleCoin. No filter: also conditional and TP/SL orders. At most 500 a call. */
export interface CancelAllCommand extends At {
  kind: 'cancelAll';
  symbol?: string;
  baseCoin?: string;
  settleCoin?: string;
  orderFilter?: 'Order' | 'StopOrder' | 'OpenOrder' | 'tpslOrder';
  stopOrderType?: string;
}

/** Full: absolute prices for the whole position, "0" removes. Partial: adds orders of slSize / tpSize. */
export interface SetTradingStopCommand extends At {
  kind: 'setTradingStop';
  symbol: string;
  tpslMode?: TpslMode;
  positionIdx?: number;
  takeProfit?: string;
  stopLoss?: string;
  /** anything but "0" is refused with 10001: not simulated */
  trailingStop?: string;
  tpTriggerBy?: TriggerBy;
  slTriggerBy?: TriggerBy;
  tpSize?: string;
  slSize?: string;
}

export interface SetLeverageCommand extends At { kind: 'setLeverage'; symbol: string; buyLeverage: string; sellLeverage: string }
/** either one symbol or all (settle coin USDT) */
export interface SwitchModeCommand extends At { kind: 'switchMode'; symbol?: string; coin?: string; mode: number }
export interface SetMarginModeCommand extends At { kind: 'setMarginMode'; mode: MarginMode }
/** true (default): out-of-band limit prices are clamped; false: refused with 110003 */
export interface SetLimitPriceActionCommand extends At { kind: 'setLimitPriceAction'; modifyEnable: boolean }
/** positive adds, negative takes out (never below zero: 10001); USDT */
export interface DepositCommand extends At { kind: 'deposit'; amount: string }

/**
 * The market moved. `continuous`: it went from the previous to this price through every price between, so triggers and
 * resting orders meet it at their own price, in the order of the path. Otherwise it jumped: a stop that was jumped over
 * fills at the new price.
 */
export interface PriceStepCommand extends At {
  kind: 'priceStep';
  symbol: string;
  lastPrice: string;
  markPrice: string;
  indexPrice: string;
  /** base coin traded in the current bar, for the impact of taker orders */
  volume?: string;
  continuous?: boolean;
}

/** Holders at this instant pay or receive size × mark × rate. A repeated tick (same symbol and atMs) has no effect. */
export interface FundingTickCommand extends At { kind: 'fundingTick'; symbol: string; rate: string }

export type ExchangeCommand =
  | PlaceOrderCommand | AmendOrderCommand | CancelOrderCommand | CancelAllCommand | SetTradingStopCommand
  | SetLeverageCommand | SwitchModeCommand | SetMarginModeCommand | SetLimitPriceActionCommand | DepositCommand
  | PriceStepCommand | FundingTickCommand;

// ---------------------------------------------------------------- replies and events

export interface OrderRef { orderId: string; orderLinkId: string }
/** {} for settings and market commands, OrderRef for order commands, the list for cancelAll */
export type ReplyResult = OrderRef | { list: OrderRef[]; success: '1' } | Record<string, never>;
export interface AcceptedReply { retCode: 0; retMsg: 'OK'; result: ReplyResult }
export interface RefusedReply { retCode: number; retMsg: string }
export type Reply = AcceptedReply | RefusedReply;

/** In the order in which a private stream would send them; rows are copies that never change afterwards. */
export type ExchangeEvent =
  | { kind: 'orderUpdated'; order: OrderRow }
  | { kind: 'execution'; execution: ExecutionRow }
  | { kind: 'positionUpdated'; position: PositionRow }
  | { kind: 'walletUpdated'; wallet: WalletRow };

export interface Applied { reply: Reply; events: ExchangeEvent[] }

// ---------------------------------------------------------------- rows

/** Everything of a Bybit order row that is not constant. '' where Bybit says '', '0' where it says "0". */
export interface OrderRow extends Order {
  /** position in the symbol's own order of arrival, from 1 */
  arrival: number;
  leavesQty: DecimalString;
  leavesValue: DecimalString;
  timeInForce: TimeInForce;
  triggerDirection: TriggerDirection;
  triggerBy: TriggerBy | '';
  tpTriggerBy: TriggerBy | '';
  slTriggerBy: TriggerBy | '';
  tpslMode: TpslMode | '';
  closeOnTrigger: boolean;
  lastPriceOnCreated: DecimalString;
  slippageToleranceType: 'TickSize' | 'Percent' | 'UNKNOWN';
  slippageTolerance: DecimalString;
  /** realised profit of this order's fills before fees, USDT */
  closedPnl: DecimalString;
  /** number of fills so far */
  fillCount: number;
  /** how much of the filled quantity opened a position; its first opening fill attaches the protection */
  openedQty: DecimalString;
  partialFills: PartialFillPlan | null;
}

export interface ExecutionRow extends Execution {
  orderPrice: DecimalString;
  orderQty: DecimalString;
  leavesQty: DecimalString;
  /** UNKNOWN for funding */
  orderType: OrderType | 'UNKNOWN';
  indexPrice: DecimalString;
  /** realised profit of this fill before fees, USDT */
  execPnl: DecimalString;
}

/** One row per closing order, grown by its fills: closedPnl = exit − entry value in the trade's direction − both fees. */
export interface ClosedPnlRow {
  symbol: string;
  orderId: string;
  /** of the closing order */
  side: Side;
  qty: DecimalString;
  orderPrice: DecimalString;
  orderType: OrderType;
  execType: 'Trade' | 'BustTrade';
  closedSize: DecimalString;
  cumEntryValue: DecimalString;
  avgEntryPrice: DecimalString;
  cumExitValue: DecimalString;
  avgExitPrice: DecimalString;
  closedPnl: DecimalString;
  fillCount: number;
  leverage: DecimalString;
  openFee: DecimalString;
  closeFee: DecimalString;
  createdMs: number;
  updatedMs: number;
}

export interface TransactionRow {
  id: string;
  symbol: string;
  side: Side | 'None';
  type: 'TRADE' | 'SETTLEMENT' | 'LIQUIDATION' | 'TRANSFER_IN' | 'TRANSFER_OUT';
  atMs: number;
  qty: DecimalString;
  /** signed size of the position afterwards */
  size: DecimalString;
  tradePrice: DecimalString;
  /** positive was received */
  funding: DecimalString;
  /** positive was paid */
  fee: DecimalString;
  /** realised profit before fees, or the transfer */
  cashFlow: DecimalString;
  /** cashFlow + funding − fee */
  change: DecimalString;
  /** wallet balance afterwards */
  cashBalance: DecimalString;
  feeRate: DecimalString;
  /** execution id */
  tradeId: string;
  orderId: string;
  orderLinkId: string;
}

/** Position with all its figures at the latest mark price. */
export interface PositionRow {
  symbol: string;
  side: Side | 'None';
  size: DecimalString;
  /** '0' when flat */
  avgPrice: DecimalString;
  positionValue: DecimalString;
  positionStatus: 'Normal' | 'Liq';
  leverage: DecimalString;
  markPrice: DecimalString;
  /** '' when there is none */
  liqPrice: string;
  bustPrice: string;
  breakEvenPrice: string;
  positionIM: DecimalString;
  positionMM: DecimalString;
  riskId: number;
  riskLimitValue: DecimalString;
  /** '0' when none */
  takeProfit: DecimalString;
  stopLoss: DecimalString;
  unrealisedPnl: DecimalString;
  /** of the current position and of all time; realised profit − fees − funding */
  curRealisedPnl: DecimalString;
  cumRealisedPnl: DecimalString;
  positionMode: PositionMode;
  seq: number;
  /** opening instant of the current position, 0 when flat */
  openMs: number;
  /** first touch of the symbol */
  createdMs: number;
  updatedMs: number;
}

/** Cross-margin account in USDT. */
export interface WalletRow {
  walletBalance: DecimalString;
  equity: DecimalString;
  marginBalance: DecimalString;
  available: DecimalString;
  unrealisedPnl: DecimalString;
  totalInitialMargin: DecimalString;
  totalOrderIM: DecimalString;
  totalPositionIM: DecimalString;
  totalMaintenanceMargin: DecimalString;
  /** fractions of the margin balance, 8 decimals */
  accountIMRate: DecimalString;
  accountMMRate: DecimalString;
  /** realised − fees − funding of all time */
  cumRealisedPnl: DecimalString;
  asOfMs: number;
}

/**
 * A span of market time in which a position had no live StopLoss order over its full size. Conditional orders of the
 * user are not counted: only stopOrderType StopLoss and PartialStopLoss protect. Judged at the end of each command.
 */
export interface UnprotectedSpan {
  symbol: string;
  startMs: number;
  /** null: still unprotected */
  endMs: number | null;
  /** at the start of the span */
  size: DecimalString;
  coveredQty: DecimalString;
}

export interface MarketPrices {
  lastPrice: DecimalString;
  markPrice: DecimalString;
  indexPrice: DecimalString;
  /** '0' when unknown */
  volume: DecimalString;
  atMs: number;
}
