/** The control queue of one process: lets a workflow learn who it is, and ask exactly this process to leave gracefully. */
import type { ControlActivities, ProcessIdentity } from '../workflows/runbook-messages.js';

export interface ControlOptions {
  identity: ProcessIdentity;
  /** begins a graceful shutdown; whatever supervises the process brings it back */
  leave(): void;
}

export function createControlActivities({ identity, leave }: ControlOptions): ControlActivities {
  return {
    describeProcess: () => Promise.resolve(identity),
    leaveGracefully: (expected) => {
      // A repeated request may reach the next life of this process: it is not the one that was meant.
      const isMeant = expected === undefined || (expected.pid === identity.pid && expected.startedAtMs === identity.startedAtMs);
      // The answer must reach the server before the worker stops polling.
      if (isMeant) setImmediate(leave);
      return Promise.resolve(identity);
    },
  };
}
