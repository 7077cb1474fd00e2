/**
 * The parameters of each runbook as they come from outside (HTTP, command line, a signal in the Temporal Web UI). The types stand
 * beside the definitions; the compiler compares both.
 */
import { z } from 'zod';
import { SNAPSHOT_KINDS } from '../snapshot/snapshot.js';
import { RESTARTABLE } from './graceful-restart.js';
import type { RunbookName, RunbookParams } from './runbook.js';

export const RUNBOOK_PARAMS: { readonly [N in RunbookName]: z.ZodObject & z.ZodType<RunbookParams[N]> } = {
  gracefulRestart: z.strictObject({
    service: z.enum(RESTARTABLE).default('trading-worker').meta({ description: 'trading-worker, maintenance-worker, api, workers (both) or all' }),
  }),
  saveState: z.strictObject({
    kind: z.enum(SNAPSHOT_KINDS).default('save').meta({ description: 'save: complete or refused; emergency: whatever can be had now' }),
  }),
};

/** True when it can be planned and run without naming any parameter. */
export function needsNoParams(name: RunbookName): boolean {
  return RUNBOOK_PARAMS[name].safeParse({}).success;
}

/** With the defaults filled in, or what is wrong. Nothing at all counts as no parameters. */
export function readParams<N extends RunbookName>(name: N, given: unknown): { params: RunbookParams[N] } | { problems: string[] } {
  const result = RUNBOOK_PARAMS[name].safeParse(given ?? {});
  if (result.success) return { params: result.data };
  return { problems: result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)) };
}
