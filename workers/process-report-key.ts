/** What the API key may do, as the exchange says: asked now and then, because a key can be changed while the bot runs. */
import type { ApiKeyInfo, Account } from '../core/ports/exchange.js';
import type { Logger } from '../core/ports/logger.js';
import type { KeyReport } from '../core/ports/process-report.js';

const REFRESH_AFTER_MS = 600_000;

export interface KeyWatchOptions {
  exchange: Pick<Account, 'apiKey'>;
  logger: Logger;
  /** host clock, ms since epoch */
  now(): number;
}

export class KeyWatch {
  private known: KeyReport | null = null;
  private askedAtMs = -Infinity;

  constructor(private readonly options: KeyWatchOptions) {}

  /** What is known now; asks in the background when that has become old. */
  read(): KeyReport | null {
    if (this.options.now() - this.askedAtMs >= REFRESH_AFTER_MS) void this.refresh();
    return this.known;
  }

  async refresh(): Promise<void> {
    this.askedAtMs = this.options.now();
    try {
      this.known = reported(await this.options.exchange.apiKey(), this.options.now());
    } catch (error) {
      this.options.logger.debug('The permissions of the API key are not known now', { error });
    }
  }
}

function reported({ readOnly, permissions, boundIps, expiresMs }: ApiKeyInfo, readAtMs: number): KeyReport {
  return { readAtMs, readOnly, permissions, boundIps, expiresMs: expiresMs ?? null };
}
