/** The question that is asked of each part, and the shape of its answer. */

export const PART_STATES = ['ok', 'degraded', 'down'] as const;
export type PartState = (typeof PART_STATES)[number];

export interface Finding {
  state: PartState;
  detail: string;
  /** host ms at which the part was last seen at work, where that is another instant than this check */
  seenAtMs?: number | null;
}

export interface HealthProbe {
  name: string;
  /** without it no decisions are made */
  vital: boolean;
  /** rejects when the part does not answer */
  check(): Promise<Finding>;
}
