/** Makes an activity that plans out of a function that finds: adds id, time and the usual duration. */
import { createHash } from 'node:crypto';
import type { Ledger } from '../../../core/ports/ledger.js';
import { isBotError } from '../../../core/errors/bot-error.js';
import { medianSeconds, planIdFrom, planOf, planSubject, type Json, type PlanFindings, type RunbookPlan } from '../../../core/runbooks/plan.js';
import { runbookDefinition, type RunbookName, type RunbookParams } from '../../../core/runbooks/runbook.js';

export interface PlanDependencies {
  ledger(): Promise<Pick<Ledger, 'runDurationsMs'>>;
  /** host ms */
  now(): number;
}

type Planner<N extends RunbookName> = (params: RunbookParams[N]) => Promise<RunbookPlan>;

/** `find` only reads. */
export function planned<N extends RunbookName>(name: N, { ledger, now }: PlanDependencies, find: (params: RunbookParams[N]) => Promise<PlanFindings>): Planner<N> {
  return async (given) => {
    const asOfMs = now();
    const [{ found, ...findings }, estimatedSeconds] = await Promise.all([find(given), usualSeconds(name, ledger)]);
    const params = given as unknown as Json;
    const digest = createHash('sha256').update(planSubject({ runbook: name, params, found })).digest('hex');
    return planOf(runbookDefinition(name), { runbook: name, params, planId: planIdFrom({ asOfMs, digest }), asOfMs, estimatedSeconds, ...findings });
  };
}

/** A ledger that is away keeps no plan from being made. */
async function usualSeconds(name: RunbookName, ledger: PlanDependencies['ledger']): Promise<number | null> {
  try {
    return medianSeconds(await (await ledger()).runDurationsMs(name));
  } catch (error) {
    if (!isBotError(error)) throw error;
    return null;
  }
}
