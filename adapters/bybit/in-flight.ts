/**
 * One request for callers that ask the same at the same time.
 *
 * Whoever joins gets an answer to a question that was asked a moment before: right for facts of the market, wrong for
 * whatever confirms an effect. So only these reads are shared (`share` of a request, public endpoints only):
 * - trading rules of a contract (`market/instruments-info`): they change between days, not between milliseconds;
 * - prices (`market/tickers`): the answer carries the instant it is of, and is never older than one round trip;
 * - closed candles of a named span (`market/kline` with start and end): they do not change any more.
 * Never shared: orders, positions, executions, balance and key (a reading that began before an order was sent would deny it),
 * the exchange's clock (a shared answer is no bracket around the caller's own reading), and the search for the newest candle
 * (an answer from before the close would hide it).
 */
export class InFlight {
  readonly #running = new Map<string, Promise<unknown>>();

  /** `isFirst` tells whether `start` was called. A failure is everybody's who waited, and is not kept. */
  join<T>(key: string, start: () => Promise<T>): { answer: Promise<T>; isFirst: boolean } {
    const running = this.#running.get(key);
    // A key names endpoint and parameters, so what runs under it has the type of what `start` would give.
    if (running !== undefined) return { answer: running as Promise<T>, isFirst: false };
    const answer = start().finally(() => this.#running.delete(key));
    this.#running.set(key, answer);
    return { answer, isFirst: true };
  }
}
