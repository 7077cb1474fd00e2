/** How long to wait before a dead part is started again: not at all the first time, then doubling up to a cap. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** a part that served so long has recovered: its next death counts as a first one */
const STABLE_AFTER_MS = 30_000;

export interface BackoffState {
  /** deaths in a row without a stable time in between */
  deaths: number;
}

export function nextRestart(state: BackoffState, servedMs: number): { state: BackoffState; delayMs: number } {
  const deaths = servedMs >= STABLE_AFTER_MS ? 0 : state.deaths;
  const delayMs = deaths === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (deaths - 1), LONGEST_DELAY_MS);
  return { state: { deaths: deaths + 1 }, delayMs };
}
