/** Which process a figure is of, and how old its word is, in the replies that show processes. */
import { z } from 'zod';
import { REPORT_STALE_AFTER_MS, type ProcessVitals } from '../core/ports/process-report.js';
import { instant, iso } from './wire.js';

export const processIdentity = {
  service: z.string(),
  instance: z.string(),
  pid: z.int(),
  version: z.string(),
  started_at: instant,
  as_of: instant.meta({ description: 'when the process said so' }),
  age_ms: z.int(),
  is_stale: z.boolean().meta({ description: 'the process is gone, or cannot reach the ledger' }),
};

export function identityOn(vitals: Pick<ProcessVitals, 'service' | 'instance' | 'pid' | 'version' | 'startedAtMs' | 'atMs'>, nowMs: number) {
  const ageMs = Math.max(0, Math.round(nowMs - vitals.atMs));
  return {
    service: vitals.service, instance: vitals.instance, pid: vitals.pid, version: vitals.version,
    started_at: iso(vitals.startedAtMs), as_of: iso(vitals.atMs), age_ms: ageMs, is_stale: ageMs > REPORT_STALE_AFTER_MS,
  };
}
