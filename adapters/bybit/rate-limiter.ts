/**
 * Who may send a request, and when.
 *
 * Invariants
 * 1. No endpoint gets more requests in a second than its quota; all HTTP together stays inside the budgets.
 * 2. Protective requests (exits, cancels, stops) go before orders, orders before reads; reads and orders leave a share
 *    of the budgets that only more urgent requests may use.
 * 3. Waiting is bounded: who cannot be served within `maxWaitMs` is told so (30001) with the time after which it can.
 * 4. After the exchange banned the address (HTTP 403) nothing but protective requests is sent until the ban is over.
 */
import { BotError } from '../../core/errors/bot-error.js';
import type { ApiStatistics } from '../../core/ports/process-report.js';
import type { CallKind } from './errors/call-kind.js';
import type { Endpoint } from './endpoints.js';
import type { RequestBudget } from './options.js';
import { RequestCount } from './request-count.js';
import { TokenWindow, type Token } from './token-window.js';

const ENDPOINT_WINDOW_MS = 1_000;
/** A reset instant further away than this is a clock that disagrees, not a quota. */
const MAX_RESET_WAIT_MS = 5_000;

type Priority = 'protective' | 'order' | 'read';
const PRIORITY_ORDER: readonly Priority[] = ['protective', 'order', 'read'];
/** The share of a budget that each priority may use. */
const BUDGET_SHARE: Record<Priority, number> = { protective: 1, order: 0.9, read: 0.8 };
const PRIORITY_OF: Record<CallKind, Priority> = {
  exit: 'protective', cancel: 'protective', protect: 'protective', entry: 'order', setting: 'order', read: 'read',
};

/** What the response headers say. `resetAfterMs` counts from now. */
export interface QuotaReport {
  capacity: number;
  remaining: number;
  resetAfterMs: number;
}

export interface Passage {
  endpoint: Endpoint;
  kind: CallKind;
  /** requests on the trade socket use the endpoint's quota but not the budgets of HTTP */
  transport: 'rest' | 'socket';
}

/** To be called once, when the request was answered or given up. */
export type Permit = () => void;

export interface RateLimiter {
  /** Resolves when the request may be sent; rejects with BotError 30001, or 30009 during a ban. The permit ends with the answer. */
  acquire(passage: Passage): Promise<Permit>;
  report(endpoint: Endpoint, quota: QuotaReport, options: { exceeded: boolean }): void;
  ban(durationMs: number): void;
  usage(): LimiterUsage;
  close(): void;
}

export type LimiterUsage = Pick<ApiStatistics, 'budgets' | 'quotas' | 'waiting' | 'bannedForMs'>;

interface Waiter {
  passage: Passage;
  admit: (permit: Permit) => void;
  refuse: (error: BotError) => void;
  giveUp: NodeJS.Timeout;
}

export interface RateLimiterOptions {
  maxWaitMs: number;
  budgets: readonly RequestBudget[];
  /** shown in `usage`, enforced by nobody; windows of at most a minute */
  countedBudgets?: readonly RequestBudget[];
  /** monotonic, ms */
  clock: () => number;
}

export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  return new QueueingLimiter(options);
}

class QueueingLimiter implements RateLimiter {
  readonly #budgets: readonly TokenWindow[];
  readonly #limits: RateLimiterOptions;
  readonly #sent = new RequestCount();
  readonly #quotas = new Map<string, TokenWindow>();
  readonly #queues: Record<Priority, Waiter[]> = { protective: [], order: [], read: [] };
  readonly #maxWaitMs: number;
  readonly #clock: () => number;
  #bannedUntilMs = 0;
  #isClosed = false;
  #wakeUp: NodeJS.Timeout | undefined;

  constructor(options: RateLimiterOptions) {
    this.#limits = options;
    this.#budgets = options.budgets.map((budget) => new TokenWindow(budget.requests, budget.windowMs));
    this.#maxWaitMs = options.maxWaitMs;
    this.#clock = options.clock;
  }

  acquire(passage: Passage): Promise<Permit> {
    if (this.#isClosed) return Promise.reject(closedError(passage));
    const waitMs = this.#readyAtMs(passage) - this.#clock();
    if (this.#isBanned(passage)) return Promise.reject(this.#bannedError(passage));
    if (waitMs > this.#maxWaitMs) return Promise.reject(tooBusy(passage, waitMs));
    return new Promise((admit, refuse) => {
      const giveUp = setTimeout(() => this.#abandon(waiter), this.#maxWaitMs);
      const waiter: Waiter = { passage, admit, refuse, giveUp };
      this.#queueOf(passage).push(waiter);
      this.#serve();
    });
  }

  report(endpoint: Endpoint, quota: QuotaReport, options: { exceeded: boolean }): void {
    const window = this.#quotaOf(endpoint);
    if (window === undefined || quota.capacity <= 0) return;
    const nowMs = this.#clock();
    window.observe(nowMs, quota);
    if (options.exceeded) window.closeUntil(nowMs + Math.min(Math.max(quota.resetAfterMs, 0), MAX_RESET_WAIT_MS));
  }

  ban(durationMs: number): void {
    this.#bannedUntilMs = this.#clock() + durationMs;
    for (const priority of ['order', 'read'] as const) {
      for (const waiter of this.#queues[priority].splice(0)) this.#refuse(waiter, this.#bannedError(waiter.passage));
    }
  }

  usage(): LimiterUsage {
    const nowMs = this.#clock();
    const enforced = this.#limits.budgets.map((budget, index) => shown(budget, this.#budgets[index]?.usage(nowMs).used ?? 0, true));
    const counted = (this.#limits.countedBudgets ?? []).map((budget) => shown(budget, this.#sent.within(budget.windowMs, nowMs), false));
    return {
      budgets: [...enforced, ...counted],
      quotas: [...this.#quotas].map(([endpoint, window]) => {
        const { capacity, used } = window.usage(nowMs);
        return { endpoint, requestsPerSecond: capacity, used, headroom: Math.max(0, capacity - used) };
      }),
      waiting: PRIORITY_ORDER.reduce((sum, priority) => sum + this.#queues[priority].length, 0),
      bannedForMs: Math.max(0, Math.ceil(this.#bannedUntilMs - nowMs)),
    };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#wakeUp);
    for (const priority of PRIORITY_ORDER) {
      for (const waiter of this.#queues[priority].splice(0)) this.#refuse(waiter, closedError(waiter.passage));
    }
  }

  /** Admits everyone who can go now, the most urgent first, and wakes up again when the next one can. */
  #serve(): void {
    clearTimeout(this.#wakeUp);
    let nextMs = Infinity;
    for (const priority of PRIORITY_ORDER) {
      for (const waiter of [...this.#queues[priority]]) nextMs = Math.min(nextMs, this.#admitOrWait(waiter));
    }
    if (nextMs < Infinity) this.#wakeUp = setTimeout(() => this.#serve(), Math.max(1, Math.ceil(nextMs - this.#clock())));
  }

  /** The instant at which this one can go; Infinity when it went. */
  #admitOrWait(waiter: Waiter): number {
    const readyMs = this.#readyAtMs(waiter.passage);
    const nowMs = this.#clock();
    if (readyMs > nowMs) return readyMs;
    const tokens = this.#windowsOf(waiter.passage).map((window) => window.take());
    if (waiter.passage.transport === 'rest') this.#sent.add(nowMs);
    this.#remove(waiter);
    waiter.admit(() => { this.#answered(tokens); });
    return Infinity;
  }

  #answered(tokens: readonly Token[]): void {
    const nowMs = this.#clock();
    for (const token of tokens) token.answeredMs = nowMs;
    this.#serve();
  }

  #readyAtMs(passage: Passage): number {
    const nowMs = this.#clock();
    const share = BUDGET_SHARE[PRIORITY_OF[passage.kind]];
    const quotaMs = this.#quotaOf(passage.endpoint)?.availableAtMs(nowMs) ?? nowMs;
    const budgetsMs = this.#budgetsOf(passage).map((budget) => budget.availableAtMs(nowMs, share));
    return Math.max(quotaMs, ...budgetsMs);
  }

  #windowsOf(passage: Passage): readonly TokenWindow[] {
    const quota = this.#quotaOf(passage.endpoint);
    return quota === undefined ? this.#budgetsOf(passage) : [quota, ...this.#budgetsOf(passage)];
  }

  #budgetsOf(passage: Passage): readonly TokenWindow[] {
    return passage.transport === 'rest' ? this.#budgets : [];
  }

  #quotaOf(endpoint: Endpoint): TokenWindow | undefined {
    if (endpoint.requestsPerSecond === undefined) return undefined;
    const known = this.#quotas.get(endpoint.name);
    if (known !== undefined) return known;
    const created = new TokenWindow(endpoint.requestsPerSecond, ENDPOINT_WINDOW_MS);
    this.#quotas.set(endpoint.name, created);
    return created;
  }

  #isBanned(passage: Passage): boolean {
    return passage.transport === 'rest' && PRIORITY_OF[passage.kind] !== 'protective' && this.#clock() < this.#bannedUntilMs;
  }

  #bannedError(passage: Passage): BotError {
    return new BotError(30009, `${passage.endpoint.name}: the exchange has banned this address for a while (HTTP 403)`, {
      retryable: true,
      retryAfterMs: Math.ceil(this.#bannedUntilMs - this.#clock()),
      foreignCode: 'HTTP 403',
    });
  }

  #abandon(waiter: Waiter): void {
    const waitMs = this.#readyAtMs(waiter.passage) - this.#clock();
    this.#remove(waiter);
    this.#refuse(waiter, tooBusy(waiter.passage, waitMs));
  }

  #refuse(waiter: Waiter, error: BotError): void {
    clearTimeout(waiter.giveUp);
    waiter.refuse(error);
  }

  #remove(waiter: Waiter): void {
    clearTimeout(waiter.giveUp);
    const queue = this.#queueOf(waiter.passage);
    queue.splice(queue.indexOf(waiter), 1);
  }

  #queueOf(passage: Passage): Waiter[] {
    return this.#queues[PRIORITY_OF[passage.kind]];
  }
}

function shown({ requests, windowMs }: RequestBudget, used: number, enforced: boolean): LimiterUsage['budgets'][number] {
  return { requests, windowMs, used, headroom: Math.max(0, requests - used), enforced };
}

function closedError(passage: Passage): BotError {
  return new BotError(30003, `${passage.endpoint.name}: the exchange client is closed`, { retryable: false });
}

function tooBusy(passage: Passage, waitMs: number): BotError {
  const retryAfterMs = Math.max(1, Math.ceil(waitMs));
  return new BotError(30001, `${passage.endpoint.name}: Rate limit exceeded, no request is free within the allowed wait, the next in ${retryAfterMs} ms`, { retryAfterMs });
}
