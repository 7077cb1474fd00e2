/** Where the market clock stands; journalled with every batch, so a restart continues at the same instant. */
export interface ClockState {
  /** market time of the latest thing that happened, ms */
  atMs: number;
  /** start of the candle being played, ms; 0 in a live market */
  candleMs: number;
  /** how many of the candle's path points have been played, minus one */
  point: number;
  /** path points of the candle being played */
  points: number;
  /** per symbol: does the candle's path visit the low before the high; decided at its first move */
  lowFirst: Record<string, boolean>;
  finished: boolean;
}
