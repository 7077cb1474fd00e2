/**
 * Says in the log what a decision could not do: a strategy that failed, a signal that risk refused. Each under the code of
 * the catalogue, so that it counts; the decision itself keeps the numbers. The words are those that the maintenance guide
 * looks for: "Strategy … error", "Failed to execute".
 */
import { catalogueEntry, isErrorCode } from '../../core/errors/catalogue.js';
import type { DecisionRow } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { StrategyReport } from '../../core/trading/boundary-report.js';

/** What refused a signal. Problems have been told when the strategy was evaluated. */
export function announceVerdicts(logger: Logger, { decidedThroughMs, evaluations }: DecisionRow): void {
  for (const { strategy, signal, code, message } of evaluations) {
    if (!isErrorCode(code) || signal === 'problem') continue;
    logger[catalogueEntry(code).severity](`Failed to execute the ${String(signal)} signal of strategy ${String(strategy)}: ${String(message)}`, { code, strategy, closeMs: decidedThroughMs });
  }
}

/** Tells the problem of a strategy once for each candle, although the candle is evaluated again and again until it can be decided. */
export class ProblemTeller {
  /** by strategy: the last problem told */
  private readonly told = new Map<string, string>();

  constructor(private readonly logger: Logger) {}

  tell(strategies: readonly StrategyReport[], closeMs: number): void {
    for (const { name, finding } of strategies) {
      if (finding.kind !== 'problem') continue;
      const key = `${closeMs} ${finding.code}`;
      if (this.told.get(name) === key) continue;
      this.told.set(name, key);
      this.logger[catalogueEntry(finding.code).severity](`Strategy ${name} error: ${finding.message}`, { code: finding.code, strategy: name, closeMs });
    }
  }
}
