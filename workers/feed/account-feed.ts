/**
 * The account feed: executions, orders, positions and wallet from the private stream into the ledger, and a coalesced
 * "something happened on these symbols" to the bot, which makes the trades ask the exchange.
 *
 * Invariants
 * 1. The stream is a hint, the exchange's REST answers are the truth: a lost frame costs time, never a fill.
 * 2. After every (re)connect all symbols are reported as changed, because the exchange replays nothing.
 */
import type { Execution } from '../../core/orders/order.js';
import type { Exchange, Stream, StreamState } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { AccountChanged } from '../../workflows/messages.js';
import type { Errand } from './errand.js';
import { feedFailure } from './feed-failure.js';

export interface AccountFeedOptions {
  /** reported as changed after every (re)connect */
  symbols(): readonly string[];
  exchange: Pick<Exchange, 'openAccountStream' | 'wallet' | 'positions'>;
  ledger: Pick<Ledger, 'saveExecutions' | 'saveOrders' | 'savePositions' | 'saveWallet'>;
  report(changed: AccountChanged): Promise<void>;
  errand: Errand;
  logger: Logger;
  /** host clock, ms */
  now(): number;
}

/** Fills of one instant arrive as several frames: report them together. */
const COALESCE_MS = 25;
/** How often positions and wallet are read again, so that what the API shows is fresh; host time. */
const REFRESH_MS = 5_000;

export class AccountFeed {
  private stream: Stream | undefined;
  private changed = new Set<string>();
  private reportTimer: NodeJS.Timeout | undefined;
  private refreshTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: AccountFeedOptions) {}

  start(): void {
    const { ledger, errand } = this.options;
    this.stream = this.options.exchange.openAccountStream({
      executions: (executions) => this.executed(executions),
      orders: (orders) => errand('orders', () => ledger.saveOrders(orders)),
      positions: (positions) => errand('positions', () => ledger.savePositions(positions, { asOfMs: this.options.now(), complete: false })),
      wallet: (wallet) => errand('wallet', () => ledger.saveWallet(wallet)),
      state: (state, reason) => this.stateChanged(state, reason),
      failed: (error) => this.options.logger.error('Account feed failed', feedFailure(error)),
    });
    this.refreshTimer = setInterval(() => errand('refresh', () => this.refresh()), REFRESH_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.reportTimer);
    clearInterval(this.refreshTimer);
    await this.stream?.close();
    this.stream = undefined;
  }

  private executed(executions: readonly Execution[]): void {
    this.options.errand('executions', () => this.options.ledger.saveExecutions(executions));
    this.reportSoon(executions.map(({ symbol }) => symbol));
  }

  private reportSoon(symbols: readonly string[]): void {
    for (const symbol of symbols) this.changed.add(symbol);
    this.reportTimer ??= setTimeout(() => {
      const changed = { symbols: [...this.changed] };
      this.changed = new Set();
      this.reportTimer = undefined;
      this.options.errand('report', () => this.options.report(changed));
    }, COALESCE_MS);
  }

  private stateChanged(state: StreamState, reason: string): void {
    switch (state) {
      case 'connected':
        this.options.logger.info('Account feed connected', { reason });
        this.options.errand('refresh', () => this.refresh());
        return this.reportSoon(this.options.symbols());
      case 'reconnecting':
        return this.options.logger.warning('Account feed Connection lost, reconnecting', { code: 40006, reason });
      case 'connecting':
      case 'closed':
        return undefined;
    }
  }

  private async refresh(): Promise<void> {
    const { exchange, ledger } = this.options;
    const [wallet, positions] = await Promise.all([exchange.wallet(), exchange.positions()]);
    await ledger.savePositions(positions, { asOfMs: wallet.asOfMs, complete: true });
    await ledger.saveWallet(wallet);
  }
}
