/**
 * A bucket of tokens in which each token comes back exactly one window after its request was answered. Unlike a bucket
 * that refills steadily, it can never let more than `capacity` requests pass in any window, which is how Bybit counts; and
 * counting from the answer, not from the sending, it stays right however long a request was on its way. Pure: time is given.
 */
export interface Token {
  /** the answer's instant; undefined while the request is under way */
  answeredMs: number | undefined;
}

export class TokenWindow {
  #capacity: number;
  readonly #windowMs: number;
  #taken: Token[] = [];
  #closedUntilMs = 0;

  constructor(capacity: number, windowMs: number) {
    this.#capacity = capacity;
    this.#windowMs = windowMs;
  }

  /**
   * The instant from which a token can be had when only this share (0 to 1] of the capacity may be used; `nowMs` when at
   * once. While requests are under way it is the earliest possible one.
   */
  availableAtMs(nowMs: number, share = 1): number {
    this.#putBack(nowMs);
    const usable = Math.max(1, Math.floor(this.#capacity * share));
    const countedFrom = this.#taken.map(({ answeredMs }) => answeredMs ?? nowMs).sort((one, other) => one - other);
    const blockingMs = countedFrom[countedFrom.length - usable];
    return Math.max(nowMs, this.#closedUntilMs, blockingMs === undefined ? 0 : blockingMs + this.#windowMs);
  }

  /** How much of the capacity is taken now. */
  usage(nowMs: number): { capacity: number; used: number } {
    this.#putBack(nowMs);
    return { capacity: this.#capacity, used: this.#taken.length };
  }

  take(): Token {
    const token: Token = { answeredMs: undefined };
    this.#taken.push(token);
    return token;
  }

  /** What the exchange says is left: another process may use the same account, so its word lowers ours and never raises it. */
  observe(nowMs: number, quota: { capacity: number; remaining: number }): void {
    this.#capacity = quota.capacity;
    this.#putBack(nowMs);
    const unseen = quota.capacity - this.#taken.length - quota.remaining;
    for (let taken = 0; taken < unseen; taken += 1) this.#taken.push({ answeredMs: nowMs });
  }

  closeUntil(untilMs: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, untilMs);
  }

  #putBack(nowMs: number): void {
    this.#taken = this.#taken.filter(({ answeredMs }) => answeredMs === undefined || answeredMs > nowMs - this.#windowMs);
  }
}
