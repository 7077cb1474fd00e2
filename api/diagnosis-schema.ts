/** How a diagnosis looks on the wire. */
import { z } from 'zod';
import { concerning } from '../core/diagnosis/diagnose.js';
import { CAUSES, type Cause, type Diagnosis, type DiagnosisFinding } from '../core/diagnosis/finding.js';

const findingSchema = z.object({
  cause: z.enum(CAUSES),
  weight: z.enum(['blocking', 'limiting', 'explaining']).meta({ description: 'blocking: no strategy may enter · limiting: those named may not · explaining: nothing is wrong' }),
  code: z.int().nullable().meta({ description: 'code of the error catalogue' }),
  strategies: z.array(z.string()).meta({ description: 'those it concerns; empty: all' }),
  message: z.string(),
  remedy: z.string(),
  call: z.string().meta({ description: 'the call that helps, ready for a shell' }),
}).meta({ id: 'DiagnosisFinding' });

export const diagnosisSchema = z.object({
  verdict: z.enum(['blocked', 'limited', 'waiting']).meta({ description: 'of the whole bot' }),
  summary: z.string(),
  findings: z.array(findingSchema).meta({ description: 'what concerns this endpoint, the weightiest first' }),
}).meta({ id: 'Diagnosis' });

/** `causes`: what the endpoint is about; absent: everything. */
export function diagnosisOnWire(diagnosis: Diagnosis, causes?: readonly Cause[]): z.output<typeof diagnosisSchema> {
  const findings: DiagnosisFinding[] = causes === undefined ? diagnosis.findings : concerning(diagnosis, causes);
  return { verdict: diagnosis.verdict, summary: diagnosis.summary, findings };
}
