/**
 * Bybit's limits as rolling windows: per account and endpoint one second, per address 600 requests in 5 s.
 * REST and trade socket share an endpoint's quota. Source: Bybit V5 docs, rate-limit (non-VIP, linear).
 */
export interface RateState {
  limit: number;
  remaining: number;
  /** when the quota is free again, ms; now when it is not used up */
  resetMs: number;
  exceeded: boolean;
}

/** requests per second of one account */
const PER_SECOND: Readonly<Record<string, number>> = {
  '/v5/order/create': 10, '/v5/order/amend': 10, '/v5/order/cancel': 10, '/v5/order/cancel-all': 10,
  '/v5/order/realtime': 50, '/v5/order/history': 50, '/v5/execution/list': 50, '/v5/position/list': 50,
  '/v5/position/closed-pnl': 50, '/v5/account/wallet-balance': 50, '/v5/account/info': 50,
  '/v5/position/set-leverage': 10, '/v5/position/switch-mode': 10, '/v5/position/trading-stop': 10,
  '/v5/account/transaction-log': 25, '/v5/user/query-api': 10, '/v5/account/fee-rate': 5,
  '/v5/account/query-dcp-info': 5, '/v5/order/disconnected-cancel-all': 5,
};
const OTHER_PER_SECOND = 10;
const WINDOW_MS = 1_000;
/** A client that sleeps until the reset must never find it in its past (pybit raises on a negative sleep). */
const RESET_MARGIN_MS = 150;
const ADDRESS_LIMIT = 600;
const ADDRESS_WINDOW_MS = 5_000;

export class RateLimits {
  private readonly uses = new Map<string, number[]>();
  private readonly addressUses = new Map<string, number[]>();

  /** @param scale multiplies every limit; 0 switches them off */
  constructor(private readonly scale: number) {}

  /** Counts one request against the endpoint's quota, unless the quota is used up. */
  take(endpoint: string, wallMs: number): RateState {
    const limit = Math.max(1, Math.round((PER_SECOND[endpoint] ?? OTHER_PER_SECOND) * (this.scale || 1)));
    if (this.scale === 0) return { limit, remaining: limit - 1, resetMs: wallMs, exceeded: false };
    const recent = recentUses(this.uses, endpoint, wallMs - WINDOW_MS);
    if (recent.length >= limit) {
      return { limit, remaining: 0, resetMs: (recent[0] ?? wallMs) + WINDOW_MS + RESET_MARGIN_MS, exceeded: true };
    }
    recent.push(wallMs);
    return { limit, remaining: limit - recent.length, resetMs: wallMs, exceeded: false };
  }

  /** Counts one HTTP request of an address; false: refuse with HTTP 403. */
  admits(address: string, wallMs: number): boolean {
    if (this.scale === 0) return true;
    const recent = recentUses(this.addressUses, address, wallMs - ADDRESS_WINDOW_MS);
    if (recent.length >= ADDRESS_LIMIT * this.scale) return false;
    recent.push(wallMs);
    return true;
  }
}

function recentUses(uses: Map<string, number[]>, name: string, afterMs: number): number[] {
  const recent = uses.get(name) ?? [];
  uses.set(name, recent);
  while ((recent[0] ?? Infinity) <= afterMs) recent.shift();
  return recent;
}
