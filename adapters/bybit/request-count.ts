/** How many requests were sent in the last minute, by second: a few numbers, however many requests there are. Pure: time is given. */

const SECONDS_KEPT = 61;

export class RequestCount {
  readonly #bySecond = new Array<{ second: number; requests: number }>(SECONDS_KEPT);

  add(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const bucket = this.#bySecond[second % SECONDS_KEPT];
    if (bucket?.second === second) bucket.requests += 1;
    else this.#bySecond[second % SECONDS_KEPT] = { second, requests: 1 };
  }

  /** Over the last `windowMs`, at most a minute; the running second counts as a whole one. */
  within(windowMs: number, nowMs: number): number {
    const oldest = Math.floor((nowMs - windowMs) / 1_000);
    return this.#bySecond.reduce((sum, { second, requests }) => (second > oldest ? sum + requests : sum), 0);
  }
}
