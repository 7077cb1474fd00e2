/** What an emergency says to people: what is still open, what they have to do by hand, and what is sent to their telephone. */
import { dec } from '../money/decimal.js';
import type { Order, Position } from '../orders/order.js';
import { increasesRisk } from '../orders/increases-risk.js';
import { openPositions, type ExchangeView } from './decide-round.js';

/** Open orders that could increase risk, and open positions with their stops, one a line. */
export interface StillOpen {
  orders: string[];
  positions: string[];
}

export function stillOpen({ orders, positions }: ExchangeView): StillOpen {
  return { orders: orders.filter(increasesRisk).map(orderInWords), positions: openPositions(positions).map(positionInWords) };
}

function orderInWords({ symbol, side, qty, orderLinkId, orderId }: Order): string {
  return `${side} ${qty} ${symbol} (${orderLinkId || orderId})`;
}

function positionInWords({ symbol, side, size, stopLoss }: Position): string {
  return `${side} ${size} ${symbol}, ${dec(stopLoss).isZero() ? 'WITHOUT A STOP' : `stop ${stopLoss}`}`;
}

/** null: nobody could ask the exchange */
export function openInWords(open: StillOpen | null): string {
  if (open === null) return 'what is open could not be asked: look on the exchange';
  const orders = open.orders.length === 0 ? 'no order that can increase risk' : `orders: ${open.orders.join('; ')}`;
  const positions = open.positions.length === 0 ? 'no position is open' : `open under their stops: ${open.positions.join('; ')}`;
  return `${orders}, ${positions}`;
}

/** The guide's manual step, with what is still open. */
export function manualSteps(open: StillOpen | null): string[] {
  return [
    `log into Bybit.com, go to API Management and disable all API keys of the trading bot; then verify that nothing is active there (as the bot sees it now: ${openInWords(open)})`,
  ];
}

export interface EmergencyNews {
  haltId: string;
  reason: string;
  actor: string;
  /** paper, demo, testnet or live */
  mode: string;
}

export type EmergencyStage =
  /** the latch is set, the rest is under way */
  | { kind: 'activated' }
  /** still at it after a while */
  | { kind: 'unfinished'; afterSeconds: number; because: string }
  | { kind: 'ended'; outcome: string };

/** Two parts of an SMS at most (GSM 03.38: 153 characters each). */
const SMS_LENGTH_MAX = 306;

export interface NotificationText {
  severity: 'critical';
  title: string;
  text: string;
}

export function notificationOf(stage: EmergencyStage, { haltId, reason, actor, mode }: EmergencyNews): NotificationText {
  const title = `TRADING BOT EMERGENCY SHUTDOWN ${STAGE_WORDS[stage.kind]}`;
  const about = `${mode}, halt ${haltId}, by ${actor}: ${reason}`;
  return { severity: 'critical', title, text: shortened(`${title} (${about}). ${detailOf(stage)}`) };
}

const STAGE_WORDS: Record<EmergencyStage['kind'], string> = { activated: 'ACTIVATED', unfinished: 'NOT FINISHED', ended: 'CARRIED OUT' };

function detailOf(stage: EmergencyStage): string {
  switch (stage.kind) {
    case 'activated':
      return 'No new position is opened any more; orders are being cancelled.';
    case 'unfinished':
      return `Still at it after ${stage.afterSeconds} s: ${stage.because}. Look at the exchange yourself.`;
    case 'ended':
      return `${stage.outcome}. Disable the API keys on Bybit.`;
  }
}

function shortened(text: string): string {
  return text.length <= SMS_LENGTH_MAX ? text : `${text.slice(0, SMS_LENGTH_MAX - 3)}...`;
}
