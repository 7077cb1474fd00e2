/** How values look on the wire, and the schemas that say so in the OpenAPI document. */
import { z } from 'zod';

export const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/).meta({ description: 'decimal number as text', example: '64250.1' });
export const instant = z.iso.datetime().meta({ description: 'UTC', example: '2026-01-31T12:00:00.000Z' });

/** Where the facts of a reply come from. */
export const source = z.enum(['exchange', 'ledger', 'workflow', 'api']).meta({
  description: 'exchange: asked now · ledger: as the exchange last said and the ledger holds · workflow: the running bot · api: this process',
});

/** Stands in every reply: the instant that the facts are of, and where they come from. */
export const provenance = { as_of: instant, source };

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** For instants that may be absent; the contracts use 0 or null for "never". */
export function isoOrNull(ms: number | null): string | null {
  return ms === null || ms === 0 ? null : iso(ms);
}
