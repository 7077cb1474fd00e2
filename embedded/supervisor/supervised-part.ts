/**
 * One part under supervision: started when the parts it needs serve, started again when it dies, until it is stopped.
 *
 * Invariants
 * 1. At most one process per part: the next is started only after the last has ended.
 * 2. A first start that cannot succeed is given up with the part's own reason; once a part has served, it is brought
 *    back for ever.
 * 3. After `stop` no process of the part is left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import { startChild, type Child } from './child.js';
import { describeExit, type Launch, type OnSupervisorEvent, type Part, type PartExit } from './part.js';
import { nextRestart, type BackoffState } from './restart-backoff.js';
import { forgetProcess, recordProcess } from './run-record.js';

const FIRST_START_ATTEMPTS = 4;
const LAST_WORDS_LENGTH_MAX = 300;
/** a neighbour that is just being restarted: database, Temporal or another resource, exchange */
const PASSING_CODES: ReadonlySet<number> = new Set([10003, 10006, 30003]);

export interface Surroundings {
  runDirectory: string;
  onEvent: OnSupervisorEvent;
  /** resolves when the named part serves; rejects when it never will */
  whenReady(name: string): Promise<void>;
}

interface Life {
  /** undefined: it never served */
  readyAtMs: number | undefined;
  exit: PartExit;
  reason: BotError | undefined;
  lastWords: string;
  /** it was asked to leave, to be started again */
  replaced: boolean;
}

export class SupervisedPart {
  private child: Child | undefined;
  private readonly stopping = new AbortController();
  private readiness = deferred();
  private loop: Promise<void> | undefined;
  private restarts = 0;
  private serving = false;
  /** the process that is to be replaced: its end is no death */
  private replacing: Child | undefined;
  private diedAtMs: number | undefined;

  constructor(readonly part: Part, private readonly surroundings: Surroundings) {}

  /** Resolves when the part serves for the first time. Rejects with BotError when it cannot be started. */
  start(): Promise<void> {
    this.loop ??= this.superviseUntilStopped();
    return this.readiness.promise;
  }

  whenReady(): Promise<void> {
    return this.readiness.promise;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get restartCount(): number {
    return this.restarts;
  }

  get isServing(): boolean {
    return this.serving;
  }

  restart(pid: number): void {
    const child = this.child;
    if (child === undefined || child.pid !== pid) return;
    this.replacing = child;
    child.askToLeave(this.part.stopSignal);
    const killer = setTimeout(() => child.kill('SIGKILL'), this.part.stopTimeoutMs);
    void child.ended.finally(() => clearTimeout(killer));
  }

  kill(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Resolves when the process has ended; `force` kills it at once. Safe to call again with more force. */
  async stop(options: { force?: boolean } = {}): Promise<void> {
    this.stopping.abort();
    const child = this.child;
    if (child !== undefined) {
      if (options.force === true) child.kill('SIGKILL');
      else child.askToLeave(this.part.stopSignal);
      const killer = setTimeout(() => child.kill('SIGKILL'), this.part.stopTimeoutMs);
      const exit = await child.ended.finally(() => clearTimeout(killer));
      this.surroundings.onEvent({ kind: 'stopped', name: this.part.name, forced: exit.signal === 'SIGKILL' });
    }
    await this.loop;
  }

  private async superviseUntilStopped(): Promise<void> {
    let backoff: BackoffState = { deaths: 0 };
    let failedStarts = 0;
    let served = false;
    while (!this.stopping.signal.aborted) {
      const life = await this.liveOnce();
      if (this.stopping.signal.aborted) return this.readiness.reject(stoppedEarly(this.part.name));
      served ||= life.readyAtMs !== undefined;
      failedStarts += life.readyAtMs === undefined ? 1 : 0;
      if (!served && givesUp(life, failedStarts)) return this.readiness.reject(startFailure(this.part.name, life));
      const next = leftOnRequest(life) ? { state: backoff, delayMs: 0 } : nextRestart(backoff, life.readyAtMs === undefined ? 0 : Date.now() - life.readyAtMs);
      backoff = next.state;
      await this.mourn(life, next.delayMs);
    }
  }

  private async mourn(life: Life, delayMs: number): Promise<void> {
    this.restarts += 1;
    this.serving = false;
    this.diedAtMs ??= Date.now();
    if (life.readyAtMs !== undefined) this.readiness = deferred();
    this.surroundings.onEvent({ kind: 'died', name: this.part.name, exit: life.exit, restarts: this.restarts, delayMs, reason: life.reason?.message });
    await delay(delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined); // aborted: the loop's condition ends it
  }

  /** From the start of a process to its end. Never rejects: what goes wrong is the reason of the end. */
  private async liveOnce(): Promise<Life> {
    const life: Life = { readyAtMs: undefined, exit: { code: null, signal: null }, reason: undefined, lastWords: '', replaced: false };
    try {
      await this.dependencies();
      const startedMs = Date.now();
      this.surroundings.onEvent({ kind: 'starting', name: this.part.name });
      const launch = await this.part.prepare(this.stopping.signal);
      if (this.stopping.signal.aborted) return life;
      const child = this.launch(launch);
      await this.serve(child, launch, { startedMs, life });
      life.exit = await child.ended;
      life.replaced = this.replacing === child;
      life.reason ??= child.fatal();
      life.lastWords = child.lastWords();
    } catch (error) {
      life.reason = isBotError(error) ? error : new BotError(10006, `${this.part.name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.child = undefined;
      forgetProcess(this.surroundings.runDirectory, this.part.name);
    }
    return life;
  }

  private async dependencies(): Promise<void> {
    const waited = new AbortController();
    const aborted = new Promise<void>((resolve) => this.stopping.signal.addEventListener('abort', () => resolve(), { once: true, signal: waited.signal }));
    const needed = this.restarts === 0 ? this.part.dependsOn : (this.part.restartNeeds ?? this.part.dependsOn);
    // a part may restart for years: a listener of each life would stay as long
    await Promise.race([Promise.all(needed.map((name) => this.surroundings.whenReady(name))), aborted]).finally(() => { waited.abort(); });
    this.stopping.signal.throwIfAborted();
  }

  private launch(launch: Launch): Child {
    const { name, stopSignal } = this.part;
    const child = startChild(launch, (stream, text) => this.surroundings.onEvent({ kind: 'line', name, stream, text }));
    this.child = child;
    if (child.pid !== undefined) recordProcess(this.surroundings.runDirectory, name, { pid: child.pid, stopSignal });
    return child;
  }

  /** Waits until the process serves and tells it; a process that does not in time is killed. */
  private async serve(child: Child, launch: Launch, { startedMs, life }: { startedMs: number; life: Life }): Promise<void> {
    const abort = new AbortController();
    const serves = launch.kind === 'node' ? child.saidReady : launch.ready(abort.signal).then(() => ({}));
    const result = await Promise.race([serves.catch(asFailure), child.ended.then(() => 'ended' as const), timeout(this.part.startTimeoutMs, abort.signal)]);
    abort.abort();
    if (result === 'ended') return;
    if (result === 'timeout' || result instanceof BotError) {
      life.reason = result === 'timeout' ? new BotError(10006, `${this.part.name} did not serve within ${this.part.startTimeoutMs / 1000} s`) : result;
      return child.kill('SIGKILL');
    }
    life.readyAtMs = Date.now();
    if (child.pid !== undefined) recordProcess(this.surroundings.runDirectory, this.part.name, { pid: child.pid, stopSignal: this.part.stopSignal });
    this.announce(result, startedMs);
  }

  private announce(detail: Record<string, unknown>, startedMs: number): void {
    const downMs = this.diedAtMs === undefined ? undefined : Date.now() - this.diedAtMs;
    this.diedAtMs = undefined;
    this.surroundings.onEvent({ kind: 'ready', name: this.part.name, tookMs: Date.now() - startedMs, downMs, detail });
    this.serving = true;
    this.readiness.resolve();
  }
}

/** No death: it served, and left in order because somebody asked it to. */
function leftOnRequest({ replaced, readyAtMs, exit }: Life): boolean {
  return replaced || (readyAtMs !== undefined && exit.code === 0);
}

/** A reason that cannot change by itself within seconds ends the first start at once. */
function givesUp(life: Life, failedStarts: number): boolean {
  if (failedStarts >= FIRST_START_ATTEMPTS || life.reason === undefined) return failedStarts >= FIRST_START_ATTEMPTS;
  return !life.reason.retryable || !PASSING_CODES.has(life.reason.code);
}

function startFailure(name: string, life: Life): BotError {
  const words = life.lastWords === '' ? '' : `: ${life.lastWords.slice(0, LAST_WORDS_LENGTH_MAX)}`;
  return life.reason ?? new BotError(10006, `${name} ended while starting (${describeExit(life.exit)})${words}`, { fix: 'Read the log file for its last words' });
}

function stoppedEarly(name: string): BotError {
  return new BotError(10006, `${name} was stopped while starting`, { retryable: false });
}

function asFailure(error: unknown): BotError {
  return isBotError(error) ? error : new BotError(10006, error instanceof Error ? error.message : String(error));
}

function timeout(ms: number, signal: AbortSignal): Promise<'timeout'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('timeout'), ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: BotError) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: BotError) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined); // nobody may be waiting; whoever does gets the rejection all the same
  return { promise, resolve, reject };
}
