/** Instants between the core (ms since epoch) and the database (timestamptz). Exact: both sides carry whole ms. */

export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

export function toOptionalTimestamp(ms: number | null): string | null {
  return ms === null ? null : toTimestamp(ms);
}

export function toOptionalMs(instant: Date | null): number | null {
  return instant === null ? null : instant.getTime();
}
