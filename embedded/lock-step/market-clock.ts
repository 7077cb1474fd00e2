/** The simulated exchange's clock, as seen over its admin endpoint. */
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';

const STATUS_TIMEOUT_MS = 5_000;
const ADVANCE_TIMEOUT_MS = 60_000;

const advancedSchema = z.looseObject({ marketMs: z.number(), finished: z.boolean() });
const statusSchema = advancedSchema.extend({ startMs: z.number(), endMs: z.number().nullable() });

export interface MarketStatus {
  /** market time, ms */
  marketMs: number;
  startMs: number;
  /** null: a market without an end */
  endMs: number | null;
  finished: boolean;
}

export interface MarketClock {
  status(): Promise<MarketStatus>;
  /** Plays up to the instant, inclusive, and tells where the market then stands. Idempotent: an instant that has passed changes nothing. */
  advance(untilMs: number): Promise<Pick<MarketStatus, 'marketMs' | 'finished'>>;
}

/** Both calls reject with 30003 when the simulator does not answer. */
export function createMarketClock(baseUrl: string): MarketClock {
  return {
    status: async () => statusSchema.parse(await call(`${baseUrl}/sim/status`, { method: 'GET', timeoutMs: STATUS_TIMEOUT_MS })),
    advance: async (untilMs) => advancedSchema.parse(await call(`${baseUrl}/sim/advance`, { method: 'POST', body: { until: untilMs }, timeoutMs: ADVANCE_TIMEOUT_MS })),
  };
}

async function call(url: string, request: { method: 'GET' | 'POST'; body?: unknown; timeoutMs: number }): Promise<unknown> {
  try {
    const response = await fetch(url, {
      method: request.method,
      signal: AbortSignal.timeout(request.timeoutMs),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`HTTP status ${response.status}: ${text.slice(0, 200)}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BotError(30003, `${url} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
