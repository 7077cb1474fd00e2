/**
 * What a user's strategy file is given, so that it needs no import of its own and works from any folder.
 * See docs/STRATEGIES.md.
 */
import { z } from 'zod';
import { atr } from '../indicators/atr.js';
import { bollinger } from '../indicators/bollinger.js';
import { donchian } from '../indicators/donchian.js';
import { ema, sma, wilderAverage } from '../indicators/moving-average.js';
import { rsi } from '../indicators/rsi.js';
import { valueBack } from '../indicators/value-back.js';
import { allMet, barsOf, closesOf, exitWhenAny, shown, warmedUp } from './evaluation.js';
import { intervalParameter, percentText, rsiPeriodParameter, stopLossParameter, symbolParameter, takeProfitParameter } from './parameters.js';

export const STRATEGY_KIT = {
  z,
  indicators: { atr, bollinger, donchian, ema, rsi, sma, wilderAverage },
  parameters: { intervalParameter, rsiPeriodParameter, stopLossParameter, symbolParameter, takeProfitParameter },
  allMet, barsOf, closesOf, exitWhenAny, percentText, shown, valueBack, warmedUp,
} as const;
