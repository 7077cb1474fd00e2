/**
 * Counters of every endpoint: how often, how it failed, how long it took. Bounded by the number of endpoints and codes, and
 * by so many latencies of each endpoint as `LATENCIES_KEPT` says: percentiles of the newest requests tell of now, those of
 * a whole life would hide an exchange that has just become slow.
 */
import type { ErrorCode } from '../../core/errors/catalogue.js';
import { percentilesOf } from '../../core/latency/percentiles.js';
import type { EndpointStatistics } from '../../core/ports/process-report.js';
import type { Endpoint } from './endpoints.js';

/** 18 endpoints keep about 150 KB. */
const LATENCIES_KEPT = 1_024;

export interface CountedCall {
  endpoint: Endpoint;
  transport: 'rest' | 'socket';
}

interface Counter {
  call: CountedCall;
  calls: number;
  shared: number;
  refused: number;
  errorsByCode: Partial<Record<ErrorCode, number>>;
  latencies: Float64Array;
  lastCallAtMs: number;
}

export class CallStatistics {
  readonly #counters = new Map<string, Counter>();
  readonly #now: () => number;
  readonly sinceMs: number;

  /** `now`: host clock, ms since epoch */
  constructor(now: () => number) {
    this.#now = now;
    this.sinceMs = now();
  }

  /** `errorCode` undefined: it went well. */
  sent(call: CountedCall, latencyMs: number, errorCode: ErrorCode | undefined): void {
    const counter = this.#counterOf(call);
    counter.latencies[counter.calls % LATENCIES_KEPT] = latencyMs;
    counter.calls += 1;
    counter.lastCallAtMs = this.#now();
    if (errorCode !== undefined) counter.errorsByCode[errorCode] = (counter.errorsByCode[errorCode] ?? 0) + 1;
  }

  /** A caller that takes the answer of another one's request. */
  shared(call: CountedCall): void {
    this.#counterOf(call).shared += 1;
  }

  /** A request that was not sent because none was free, or because the exchange has banned this address. */
  refused(call: CountedCall): void {
    this.#counterOf(call).refused += 1;
  }

  snapshot(): EndpointStatistics[] {
    return [...this.#counters].map(([name, { call, calls, shared, refused, errorsByCode, latencies, lastCallAtMs }]) => ({
      endpoint: name,
      scope: call.endpoint.scope,
      calls, shared, refused,
      errorsByCode: { ...errorsByCode },
      latency: percentilesOf(latencies.subarray(0, Math.min(calls, LATENCIES_KEPT))),
      lastCallAtMs,
    }));
  }

  #counterOf(call: CountedCall): Counter {
    const name = call.transport === 'socket' ? `${call.endpoint.name} (socket)` : call.endpoint.name;
    const known = this.#counters.get(name);
    if (known !== undefined) return known;
    const created: Counter = { call, calls: 0, shared: 0, refused: 0, errorsByCode: {}, latencies: new Float64Array(LATENCIES_KEPT), lastCallAtMs: 0 };
    this.#counters.set(name, created);
    return created;
  }
}
