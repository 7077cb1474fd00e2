/**
 * The way the price takes through a candle: open, then the extreme that hurts, then the other one, then close.
 * "Adverse first" is the cautious reading of a bar in which both the stop and the target lie (facts, matching rules).
 */
import { Decimal, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Bar } from './candle-series.js';

/** The open and three legs; more points divide the legs evenly. */
export const PATH_POINTS_MIN = 4;
const LEGS = 3;

export interface PathShape {
  lowFirst: boolean;
  /** 3 × k + 1 */
  points: number;
  tickSize: DecimalString;
}

/** The nearest possible number of path points at or above the wish. */
export function pathPointsAtLeast(wish: number): number {
  return LEGS * Math.max(1, Math.ceil((wish - 1) / LEGS)) + 1;
}

/** Price at a point of the path; point 0 is the open, the last point the close. */
export function pricePoint(bar: Bar, shape: PathShape, point: number): DecimalString {
  const anchors = anchorsOf(bar, shape);
  const perLeg = pointsPerLeg(shape);
  const leg = Math.min(Math.floor(point / perLeg), LEGS - 1);
  const from = anchors[leg] ?? bar.open;
  const to = anchors[leg + 1] ?? bar.close;
  const step = point - leg * perLeg;
  if (step === 0) return from;
  if (step === perLeg) return to;
  return between(from, to, { share: step / perLeg, tickSize: shape.tickSize });
}

/** The candle as an onlooker sees it after `point`: what was not visited yet did not happen yet. */
export function formingBar(bar: Bar, shape: PathShape, point: number): Bar {
  const close = pricePoint(bar, shape, point);
  const visited = anchorsOf(bar, shape).slice(0, Math.floor(point / pointsPerLeg(shape)) + 1);
  const share = new Decimal(point).div(shape.points - 1);
  return {
    startMs: bar.startMs,
    open: bar.open,
    high: toDecimalString(Decimal.max(close, ...visited)),
    low: toDecimalString(Decimal.min(close, ...visited)),
    close,
    volume: toDecimalString(share.times(bar.volume).toDecimalPlaces(3, Decimal.ROUND_DOWN)),
    turnover: toDecimalString(share.times(bar.turnover).toDecimalPlaces(4, Decimal.ROUND_DOWN)),
  };
}

function anchorsOf(bar: Bar, shape: PathShape): DecimalString[] {
  return [bar.open, ...(shape.lowFirst ? [bar.low, bar.high] : [bar.high, bar.low]), bar.close];
}

function pointsPerLeg(shape: PathShape): number {
  return (shape.points - 1) / LEGS;
}

function between(from: DecimalString, to: DecimalString, at: { share: number; tickSize: DecimalString }): DecimalString {
  const price = new Decimal(to).minus(from).times(at.share).plus(from);
  return toDecimalString(price.div(at.tickSize).round().times(at.tickSize));
}
