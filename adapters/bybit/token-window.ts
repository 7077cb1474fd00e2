/**
 * A bucket of tokens in which each token comes back exactly one window after it was taken. Unlike a bucket that refills
 * steadily, it can never let more than `capacity` requests pass in any window, which is how Bybit counts. Pure: time is given.
 */
export class TokenWindow {
  #capacity: number;
  readonly #windowMs: number;
  /** instants of the tokens that are out, ascending */
  #taken: number[] = [];
  #closedUntilMs = 0;

  constructor(capacity: number, windowMs: number) {
    this.#capacity = capacity;
    this.#windowMs = windowMs;
  }

  /** The instant from which a token can be had when only this share (0 to 1] of the capacity may be used; `nowMs` when at once. */
  availableAtMs(nowMs: number, share = 1): number {
    this.#putBack(nowMs);
    const usable = Math.max(1, Math.floor(this.#capacity * share));
    const blocking = this.#taken.length < usable ? undefined : this.#taken[this.#taken.length - usable];
    return Math.max(nowMs, this.#closedUntilMs, blocking === undefined ? 0 : blocking + this.#windowMs);
  }

  take(nowMs: number): void {
    this.#taken.push(nowMs);
  }

  /** What the exchange says is left: another process may use the same account, so its word lowers ours and never raises it. */
  observe(nowMs: number, quota: { capacity: number; remaining: number }): void {
    this.#capacity = quota.capacity;
    this.#putBack(nowMs);
    const unseen = quota.capacity - this.#taken.length - quota.remaining;
    for (let taken = 0; taken < unseen; taken += 1) this.#taken.push(nowMs);
  }

  closeUntil(untilMs: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs);
  }

  #putBack(nowMs: number): void {
    this.#taken = this.#taken.filter((takenMs) => takenMs > nowMs - this.#windowMs);
  }
}
