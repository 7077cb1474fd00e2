/**
 * Takes counts and occurrences to the ledger, behind the back of whoever logs.
 *
 * Invariants
 * 1. At most `WAITING_MAX` occurrences wait; the oldest give way. Counts are absolute and cannot be lost by that.
 * 2. One write at a time; what a failed write held is written by the next one. Every write is idempotent.
 * 3. Nothing here rejects or throws, but `close`, which does neither and ends within `CLOSE_LIMIT_MS`.
 */
import type { ErrorCount, ErrorLedger, ErrorOccurrence } from '../core/ports/error-ledger.js';
import type { ErrorCode } from '../core/errors/catalogue.js';
import type { Logger } from '../core/ports/logger.js';

export interface ErrorStore extends Pick<ErrorLedger, 'saveErrors'> {
  close(): Promise<void>;
}
export type OpenErrorStore = () => Promise<ErrorStore>;

export interface ErrorJournalWriterOptions {
  identity: { life: string; service: string; instance: string };
  open: OpenErrorStore;
  /** must not count, or a failing journal would feed itself */
  logger: Logger;
}

const WAITING_MAX = 1_000;
const BATCH_MAX = 200;
const BATCH_EVERY_MS = 1_000;
const RETRY_AFTER_MS = 2_000;
const CLOSE_LIMIT_MS = 1_500;

export class ErrorJournalWriter {
  private readonly dirty = new Map<ErrorCode, ErrorCount>();
  private waiting: ErrorOccurrence[] = [];
  private dropped = 0;
  private isAway = false;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<boolean> | undefined;
  private store: ErrorStore | undefined;

  constructor(private readonly options: ErrorJournalWriterOptions) {}

  add(count: ErrorCount, occurrence: ErrorOccurrence): void {
    this.dirty.set(count.code, count);
    this.waiting.push(occurrence);
    this.limitWaiting();
    this.writeAfter(BATCH_EVERY_MS);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await withinLimit(this.writeRest(), CLOSE_LIMIT_MS);
    await withinLimit(this.store?.close().catch(() => undefined), CLOSE_LIMIT_MS);
  }

  private writeAfter(ms: number): void {
    if (this.timer !== undefined || this.isClosed) return;
    this.timer = setTimeout(() => void this.write(), ms);
    this.timer.unref();
  }

  private async writeRest(): Promise<void> {
    await this.writing;
    while (this.dirty.size > 0) if (!(await this.writeBatch())) return;
  }

  private async write(): Promise<void> {
    this.writing ??= this.writeBatch();
    const written = await this.writing;
    this.writing = undefined;
    this.timer = undefined;
    if (this.dirty.size > 0) this.writeAfter(written ? BATCH_EVERY_MS : RETRY_AFTER_MS);
  }

  /** false when the ledger did not take it */
  private async writeBatch(): Promise<boolean> {
    const counts = [...this.dirty.values()];
    const occurrences = this.waiting.splice(0, BATCH_MAX);
    this.dirty.clear();
    try {
      this.store ??= await this.options.open();
      await this.store.saveErrors({ ...this.options.identity, counts, occurrences });
    } catch (error) {
      this.takeBack(counts, occurrences);
      this.tellAway(error);
      return false;
    }
    if (this.waiting.length > 0) for (const count of counts) if (!this.dirty.has(count.code)) this.dirty.set(count.code, count);
    this.tellBack();
    return true;
  }

  private takeBack(counts: readonly ErrorCount[], occurrences: readonly ErrorOccurrence[]): void {
    for (const count of counts) if (!this.dirty.has(count.code)) this.dirty.set(count.code, count);
    this.waiting = [...occurrences, ...this.waiting];
    this.limitWaiting();
  }

  private limitWaiting(): void {
    const tooMany = this.waiting.length - WAITING_MAX;
    if (tooMany <= 0) return;
    this.waiting.splice(0, tooMany);
    this.dropped += tooMany;
  }

  private tellAway(error: unknown): void {
    if (this.isAway) return;
    this.isAway = true;
    const what = this.isClosed ? 'The last errors could not be written to the ledger; the log holds them' : 'The error journal cannot be written to the ledger; errors are counted and written later';
    this.options.logger.warning(what, { reason: error instanceof Error ? error.message : 'unknown' });
  }

  private tellBack(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.options.logger.info('The error journal is written to the ledger again', { droppedOccurrences: this.dropped });
  }
}

async function withinLimit(work: Promise<unknown> | undefined, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
