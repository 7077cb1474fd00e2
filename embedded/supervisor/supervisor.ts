/**
 * Runs a set of parts as one: starts them side by side as far as their dependencies allow, keeps each alive, and stops
 * them in reverse order, so that a worker never loses its database before it has finished.
 */
import type { BotError } from '../../core/errors/bot-error.js';
import type { PartStatus } from '../../workflows/runbook-messages.js';
import type { OnSupervisorEvent, Part } from './part.js';
import { SupervisedPart } from './supervised-part.js';

export interface SupervisorOptions {
  /** folder of the notes on running processes */
  runDirectory: string;
  onEvent: OnSupervisorEvent;
}

export class Supervisor {
  private readonly parts: ReadonlyMap<string, SupervisedPart>;

  constructor(parts: readonly Part[], options: SupervisorOptions) {
    const whenReady = (name: string): Promise<void> => this.get(name).whenReady();
    this.parts = new Map(parts.map((part) => [part.name, new SupervisedPart(part, { ...options, whenReady })]));
  }

  /** Resolves when every part serves. When one cannot be started, stops the others and rejects with its reason. */
  async start(): Promise<void> {
    try {
      await Promise.all([...this.parts.values()].map((part) => part.start()));
    } catch (error) {
      await this.stop();
      throw error as BotError;
    }
  }

  /** Process id by part name; undefined while a part is between two lives. */
  pids(): Record<string, number | undefined> {
    return Object.fromEntries([...this.parts].map(([name, part]) => [name, part.pid]));
  }

  /** How often each part was brought back. */
  restarts(): Record<string, number> {
    return Object.fromEntries([...this.parts].map(([name, part]) => [name, part.restartCount]));
  }

  status(): PartStatus[] {
    return [...this.parts].map(([name, part]) => ({ name, pid: part.pid ?? null, restarts: part.restartCount, serving: part.isServing }));
  }

  /** Gracefully, by force when it does not leave in time; it is started again at once. Nothing when that process is gone already. */
  restart(name: string, pid: number): void {
    this.get(name).restart(pid);
  }

  /** Restarts the part without what it held, which is kept beside it under that name. False: it holds nothing that could be set aside. */
  beginAnew(name: string, keepAs: string): boolean {
    const part = this.get(name);
    if (part.part.beginAnew === undefined) return false;
    part.part.beginAnew(keepAs);
    if (part.pid !== undefined) part.restart(part.pid);
    return true;
  }

  /** Gracefully, by force when it does not leave in time; it is not started again. */
  stopPart(name: string): void {
    void this.get(name).stop();
  }

  /** Resolves when the part serves (again). */
  whenReady(name: string): Promise<void> {
    return this.get(name).whenReady();
  }

  kill(name: string, signal: NodeJS.Signals): void {
    this.get(name).kill(signal);
  }

  /** Every part after those that need it. `force` kills all at once; it may follow a stop that takes too long. */
  async stop(options: { force?: boolean } = {}): Promise<void> {
    const stopped = new Map<string, Promise<void>>();
    const stopPart = (part: SupervisedPart): Promise<void> => {
      const running = stopped.get(part.part.name) ?? this.stopAfterDependants(part, options, stopPart);
      stopped.set(part.part.name, running);
      return running;
    };
    await Promise.all([...this.parts.values()].map(stopPart));
  }

  private async stopAfterDependants(part: SupervisedPart, options: { force?: boolean }, stopPart: (part: SupervisedPart) => Promise<void>): Promise<void> {
    const dependants = [...this.parts.values()].filter((other) => other.part.dependsOn.includes(part.part.name));
    if (options.force !== true) await Promise.all(dependants.map(stopPart));
    await part.stop(options);
  }

  private get(name: string): SupervisedPart {
    const part = this.parts.get(name);
    if (part === undefined) throw new TypeError(`no part is called ${name}; there are ${[...this.parts.keys()].join(', ')}`);
    return part;
  }
}
