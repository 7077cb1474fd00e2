/** Counters of every endpoint: how often, how it failed, how long it took. Bounded by the number of endpoints and codes. */
import type { ErrorCode } from '../../core/errors/catalogue.js';

export interface EndpointStatistics {
  endpoint: string;
  calls: number;
  errorsByCode: Partial<Record<ErrorCode, number>>;
  /** ms, over all calls that were sent */
  latencyMeanMs: number;
  latencyMaxMs: number;
}

interface Counter {
  calls: number;
  errorsByCode: Partial<Record<ErrorCode, number>>;
  latencySumMs: number;
  latencyMaxMs: number;
}

export class CallStatistics {
  readonly #counters = new Map<string, Counter>();

  /** `errorCode` undefined: it went well. */
  record(endpoint: string, latencyMs: number, errorCode: ErrorCode | undefined): void {
    const counter = this.#counterOf(endpoint);
    counter.calls += 1;
    counter.latencySumMs += latencyMs;
    counter.latencyMaxMs = Math.max(counter.latencyMaxMs, latencyMs);
    if (errorCode !== undefined) counter.errorsByCode[errorCode] = (counter.errorsByCode[errorCode] ?? 0) + 1;
  }

  snapshot(): EndpointStatistics[] {
    return [...this.#counters].map(([endpoint, counter]) => ({
      endpoint,
      calls: counter.calls,
      errorsByCode: { ...counter.errorsByCode },
      latencyMeanMs: counter.latencySumMs / counter.calls,
      latencyMaxMs: counter.latencyMaxMs,
    }));
  }

  #counterOf(endpoint: string): Counter {
    const known = this.#counters.get(endpoint);
    if (known !== undefined) return known;
    const created: Counter = { calls: 0, errorsByCode: {}, latencySumMs: 0, latencyMaxMs: 0 };
    this.#counters.set(endpoint, created);
    return created;
  }
}
