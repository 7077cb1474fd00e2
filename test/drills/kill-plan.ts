/** Which process dies when: a pure function of the seed, so that a failing drill can be repeated. */
import { seededRandom } from './seeded-random.js';

export const VICTIMS = ['trading-worker', 'temporal', 'postgres', 'simulator', 'api', 'all'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  victim: Victim;
  /** pause before it, after the victim of the last one is back, ms */
  afterMs: number;
}

export interface KillPlanOptions {
  seed: number;
  kills: number;
  /** shortest and longest pause, ms */
  pauseMs: readonly [number, number];
}

/** Every victim is hit before any is hit again, in an order that the seed decides. */
export function planKills({ seed, kills, pauseMs }: KillPlanOptions): Kill[] {
  const random = seededRandom(seed);
  const plan: Kill[] = [];
  while (plan.length < kills) {
    const round: Victim[] = [...VICTIMS];
    while (round.length > 0 && plan.length < kills) {
      const [victim] = round.splice(Math.floor(random.next() * round.length), 1);
      if (victim) plan.push({ victim, afterMs: Math.round(random.between(...pauseMs)) });
    }
  }
  return plan;
}
