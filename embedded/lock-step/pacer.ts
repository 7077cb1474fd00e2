/**
 * Lock-step: the simulated market takes the next candle only when the bot has dealt with the last.
 *
 * Invariants
 * 1. The market never passes a boundary of the finest traded interval that the bot has not decided on. The interval is that
 *    of the configuration in force: a reload that trades coarser candles must not leave the market waiting for finer ones.
 * 2. Whatever is down is waited for; no boundary is skipped. The clock's instant and the ledger's word are read anew
 *    after every failure, so a restart of any process, this one included, continues where things stand.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../core/ports/logger.js';
import type { DecidedWatch } from './decided-watch.js';
import type { MarketClock, MarketStatus } from './market-clock.js';

const RETRY_MS = 100;
const REPORT_MS = 5_000;
/** A bot that takes so long for one boundary is stopped, stuck or being restarted: the operator should know what is waited for. */
const WAITING_TOLD_AFTER_MS = 15_000;
const MS_PER_DAY = 86_400_000;
const MS_PER_SECOND = 1_000;

export interface PacerOptions {
  clock: MarketClock;
  decided: DecidedWatch;
  /** of the strategies that are enabled at the start, ms */
  finestIntervalMs: number;
  logger: Logger;
  signal: AbortSignal;
}

export interface PacerSummary {
  /** false: stopped before the end of the market */
  finished: boolean;
  simulatedDays: number;
  boundaries: number;
  elapsedMs: number;
}

interface Progress {
  startedAtMs: number;
  startedMarketMs: number;
  boundaries: number;
  toldMs: number;
}

/** Resolves when the market is over and the bot has dealt with all of it, or when the signal aborts. Never rejects. */
export async function paceInLockStep(options: PacerOptions): Promise<PacerSummary> {
  let status = await untilItAnswers(options, () => options.clock.status());
  const progress: Progress = { startedAtMs: Date.now(), startedMarketMs: status?.marketMs ?? 0, boundaries: 0, toldMs: Date.now() };
  while (status !== undefined) {
    await bothAgree(status.marketMs, options);
    if (status.finished || options.signal.aborted) break;
    const nextMs = boundaryAtOrBefore(status.marketMs, options) + finestIntervalMs(options);
    const advanced = await untilItAnswers(options, () => options.clock.advance(nextMs));
    if (advanced === undefined) break;
    status = { ...status, ...advanced };
    progress.boundaries += 1;
    tell(status, progress, options.logger);
  }
  return summarise(status, progress, options.logger);
}

async function bothAgree(marketMs: number, options: PacerOptions): Promise<void> {
  const boundaryMs = (): number => boundaryAtOrBefore(marketMs, options);
  const reason = (): string => `the bot has not yet dealt with the candles that closed at ${new Date(boundaryMs()).toISOString()}`;
  await told(options, { waiting: options.decided.waitFor(boundaryMs, options.signal), reason });
}

/** Waits, and says once what for when it takes long. */
async function told<T>({ logger }: PacerOptions, { waiting, reason }: { waiting: Promise<T>; reason: () => string }): Promise<T> {
  const warn = setTimeout(() => logger.warning(`Lock-step: the market stands still, ${reason()}`), WAITING_TOLD_AFTER_MS);
  return waiting.finally(() => clearTimeout(warn));
}

function boundaryAtOrBefore(marketMs: number, options: PacerOptions): number {
  const lengthMs = finestIntervalMs(options);
  return Math.floor(marketMs / lengthMs) * lengthMs;
}

function finestIntervalMs(options: PacerOptions): number {
  return options.decided.finestIntervalMs() ?? options.finestIntervalMs;
}

/** undefined only when aborted */
function untilItAnswers<T>(options: PacerOptions, ask: () => Promise<T>): Promise<T | undefined> {
  let failure = 'no answer yet';
  const asking = async (): Promise<T | undefined> => {
    while (!options.signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        // The simulator is being restarted, which its supervisor tells; asking again is all there is to do here.
        failure = error instanceof Error ? error.message : String(error);
        await delay(RETRY_MS, undefined, { signal: options.signal }).catch(() => undefined);
      }
    }
    return undefined;
  };
  return told(options, { waiting: asking(), reason: () => `the simulated exchange does not answer: ${failure}` });
}

function tell(status: MarketStatus, progress: Progress, logger: Logger): void {
  const nowMs = Date.now();
  if (nowMs - progress.toldMs < REPORT_MS) return;
  progress.toldMs = nowMs;
  const elapsedSeconds = (nowMs - progress.startedAtMs) / MS_PER_SECOND;
  const days = (status.marketMs - status.startMs) / MS_PER_DAY;
  const pace = progress.boundaries / elapsedSeconds;
  const left = status.endMs === null ? '' : ` of ${((status.endMs - status.startMs) / MS_PER_DAY).toFixed(1)}`;
  const marketPerSecond = (status.marketMs - progress.startedMarketMs) / elapsedSeconds;
  const eta = status.endMs === null || marketPerSecond <= 0 ? '' : `, ${Math.ceil((status.endMs - status.marketMs) / marketPerSecond)} s to go`;
  logger.info(`Lock-step: ${days.toFixed(1)}${left} simulated days, ${pace.toFixed(1)} decisions/s${eta}`);
}

function summarise(status: MarketStatus | undefined, progress: Progress, logger: Logger): PacerSummary {
  const elapsedMs = Date.now() - progress.startedAtMs;
  const summary = {
    finished: status?.finished === true,
    simulatedDays: status === undefined ? 0 : (status.marketMs - progress.startedMarketMs) / MS_PER_DAY,
    boundaries: progress.boundaries,
    elapsedMs,
  };
  if (summary.finished) logger.info(`Replay finished: ${summary.simulatedDays.toFixed(1)} simulated days in ${(elapsedMs / MS_PER_SECOND).toFixed(0)} s; everything stays up until Ctrl-C`);
  return summary;
}
