/**
 * Says in the log what a decision could not do: a strategy that failed, a signal that risk refused. Each under the code of
 * the catalogue, so that it counts; the decision itself keeps the numbers.
 */
import { catalogueEntry, isErrorCode } from '../../core/errors/catalogue.js';
import type { DecisionRow } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';

/** The words are those that the maintenance guide looks for: "Strategy … error", "Failed to execute". */
export function announceVerdicts(logger: Logger, { decidedThroughMs, evaluations }: DecisionRow): void {
  for (const { strategy, signal, code, message } of evaluations) {
    if (!isErrorCode(code)) continue;
    const words = signal === 'problem' ? `Strategy ${String(strategy)} error` : `Failed to execute the ${String(signal)} signal of strategy ${String(strategy)}`;
    logger[catalogueEntry(code).severity](`${words}: ${String(message)}`, { code, strategy, closeMs: decidedThroughMs });
  }
}
