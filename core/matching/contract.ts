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
import type { OrderType, Side } from '../orders/order.js';
import type {
  ExecutionRow, OrderRow, PartialFillPlan, PositionRow, TimeInForce, TpslMode, TriggerBy, TriggerDirection, WalletRow,
} from './rows.js';

/** The rows belong to the contract: whoever speaks to the engine finds everything here. */
export type {
  ClosedPnlRow, ExecutionRow, MarketPrices, OrderRow, PartialFillPlan, PositionMode, PositionRow, TimeInForce, TpslMode, TransactionRow,
  TriggerBy, TriggerDirection, UnprotectedSpan, WalletRow,
} from './rows.js';

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
