/** The parameters of each runbook as they come over HTTP. The types stand in `core/runbooks/`; the compiler compares both. */
import { z } from 'zod';
import { RESTARTABLE } from '../core/runbooks/graceful-restart.js';
import { SNAPSHOT_KINDS } from '../core/snapshot/snapshot.js';
import type { RunbookName, RunbookParams } from '../core/runbooks/runbook.js';

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
