/** What the supervisor knows of a part: how to start it, how to tell that it serves, and how it is stopped. */

/** A process of ours: it says itself when it is ready, and leaves when its parent is gone. */
export interface NodeLaunch {
  kind: 'node';
  script: string;
  args: string[];
  /** the whole environment of the child */
  env: NodeJS.ProcessEnv;
}

/** A program of somebody else's (database, Temporal server): readiness is probed from outside. */
export interface ForeignLaunch {
  kind: 'foreign';
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** POSIX user and group to run as, when another than ours */
  uid?: number;
  gid?: number;
  ready(signal: AbortSignal): Promise<void>;
}

export type Launch = NodeLaunch | ForeignLaunch;

export interface Part {
  name: string;
  /** names of the parts that must serve before this one is started for the first time, and that are stopped after it */
  dependsOn: readonly string[];
  /** those of them that a restart waits for, too; absent: all. A part that is useful without the others waits for none */
  restartNeeds?: readonly string[];
  /** called before every start, also before a restart; rejects with BotError, and soon after the signal has aborted */
  prepare(signal: AbortSignal): Promise<Launch>;
  /** At its next start the part begins anew with nothing; what it held is kept beside it under that name. Absent: it holds nothing of its own */
  beginAnew?(keepAs: string): void;
  startTimeoutMs: number;
  stopSignal: NodeJS.Signals;
  /** after so long without leaving it is killed */
  stopTimeoutMs: number;
}

export interface PartExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export function describeExit(exit: PartExit): string {
  return exit.signal === null ? `code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
}

export type SupervisorEvent =
  | { kind: 'starting'; name: string }
  | { kind: 'ready'; name: string; tookMs: number; downMs: number | undefined; detail: Record<string, unknown> }
  | { kind: 'died'; name: string; exit: PartExit; restarts: number; delayMs: number; reason: string | undefined }
  | { kind: 'stopped'; name: string; forced: boolean }
  | { kind: 'line'; name: string; stream: 'stdout' | 'stderr'; text: string };

export type OnSupervisorEvent = (event: SupervisorEvent) => void;
