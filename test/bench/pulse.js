/**
 * A strategy that trades like a clock: it enters every sixth candle, at a phase of its own, and leaves at the next one.
 * Three of them with phases 0, 2 and 4 make one entry alone at every second candle, which is what a latency is measured on.
 */
const CYCLE_CANDLES = 6;
const CANDLE_MS = 300_000;

/** For a strategy file: `export const strategy = pulse('name')`. */
export const pulse = (name) => ({ z, parameters, valueBack, warmedUp, percentText }) => {
  const parametersSchema = z.strictObject({
    symbol: parameters.symbolParameter,
    interval: z.literal('5').default('5'),
    phase: z.int().min(0).max(CYCLE_CANDLES - 1),
  });

  /** As many candles as a real strategy of that interval reads. */
  const warmUp = () => 141;

  const evaluate = ({ candles, parameters: { phase }, openTrade }) => {
    const candle = valueBack(warmedUp(candles, warmUp()), 0);
    const place = (candle.startMs / CANDLE_MS) % CYCLE_CANDLES;
    const conditions = [{ name: 'the candle of this phase', value: String(place), wanted: String(phase), met: place === phase }];
    if (openTrade !== undefined) return { kind: 'exit', reason: 'one candle is over', conditions };
    if (place !== phase) return { kind: 'hold', conditions };
    return { kind: 'enter', side: 'Buy', referencePrice: candle.close, stopLossPercent: percentText(10), conditions };
  };

  return { name, description: 'Enters every sixth candle and leaves at the next', parametersSchema, symbol: (wanted) => wanted.symbol, interval: (wanted) => wanted.interval, warmUp, evaluate };
};
