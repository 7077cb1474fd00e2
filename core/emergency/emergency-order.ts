/** What is asked for when everything is to be stopped. Plain JSON: the same for the workflow, for the path without Temporal, and for the file between both. */

/** Services that an emergency may stop. The maintenance worker is not among them: it carries the emergency out, and cannot trade. */
export const STOPPABLE = ['trading-worker', 'api'] as const;
export type StoppableService = (typeof STOPPABLE)[number];

/** How much is to be done besides the halt. */
export interface EmergencyWish {
  closePositions: boolean;
  stopServices: readonly StoppableService[];
}

export interface EmergencyOrder extends EmergencyWish {
  haltId: string;
  /** host ms at which it was asked for */
  atMs: number;
  reason: string;
  /** who asked, for the audit trail */
  actor: string;
}

/** Asking twice asks for the most of both: nobody takes back by a second call what the first has set going. */
export function widened(first: EmergencyWish, second: EmergencyWish): EmergencyWish {
  return {
    closePositions: first.closePositions || second.closePositions,
    stopServices: STOPPABLE.filter((service) => first.stopServices.includes(service) || second.stopServices.includes(service)),
  };
}

/** True when the second asks for something that the first does not. */
export function asksForMore(first: EmergencyWish, second: EmergencyWish): boolean {
  const both = widened(first, second);
  return both.closePositions !== first.closePositions || both.stopServices.length !== widened(first, first).stopServices.length;
}
