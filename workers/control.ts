/** The control queue of one process: lets a workflow learn who it is, and ask exactly this process to leave gracefully. */
export interface ProcessIdentity {
  service: string;
  instance: string;
  pid: number;
  /** host ms */
  startedAtMs: number;
}

export interface ControlOptions {
  identity: ProcessIdentity;
  /** begins a graceful shutdown; whatever supervises the process brings it back */
  leave(): void;
}

export function createControlActivities({ identity, leave }: ControlOptions) {
  return {
    describeProcess: (): Promise<ProcessIdentity> => Promise.resolve(identity),
    leaveGracefully: (): Promise<ProcessIdentity> => {
      // The answer must reach the server before the worker stops polling.
      setImmediate(leave);
      return Promise.resolve(identity);
    },
  };
}
