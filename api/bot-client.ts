/**
 * The API's side of the bot workflow: queries to read, updates to command.
 *
 * Invariants
 * 1. Every call has a deadline and rejects only with `BotError`.
 * 2. A command is never lost to a worker that is away: when no answer comes in time it is left as a signal, which
 *    Temporal keeps until a worker takes it. Both carry the same request id, so it is one command.
 * 3. Whoever commands reads the effect: a question from before the answer to a command is not joined after it.
 * 4. What the bot refuses comes back as the bot's own words: code, message and fix.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  BOT_WORKFLOW_ID,
  commandSignal, commandUpdate,
  overviewQuery,
  pauseSignal, pauseUpdate,
  resumeSignal, resumeUpdate,
  stopSignal, stopUpdate,
  type BotCommand,
  type BotOverview,
  type BotStatus,
  type CommandRequest,
  type CommandResult,
  type RiskView,
  type StrategyView,
} from '../workflows/messages.js';
import { isNotReady, isTimeout, refusedOrder, temporalFailure } from './temporal-failure.js';

export type Verb = 'pause' | 'resume' | 'stop';

/** applied: the bot has answered · queued: Temporal holds it for the bot */
export type CommandOutcome = { kind: 'applied'; result: CommandResult } | { kind: 'queued' };

export interface BotClient {
  readonly workflowId: string;
  status(): Promise<BotStatus>;
  risk(): Promise<RiskView>;
  strategies(): Promise<StrategyView[]>;
  internalState(): Promise<Record<string, unknown>>;
  /** all there is to know, of one instant, with one question */
  overview(): Promise<BotOverview>;
  command(verb: Verb, request: CommandRequest): Promise<CommandOutcome>;
  /** rejects with `RefusedOrder` when the bot refuses it as things stand */
  order(command: BotCommand): Promise<CommandOutcome>;
}

export interface BotClientOptions {
  client: Client;
  /** absent: the one bot of this account */
  workflowId?: string;
  queryTimeoutMs?: number;
  /** how long to wait for the bot's own answer before the command is left as a signal */
  commandTimeoutMs?: number;
}

const QUERY_TIMEOUT_MS = 2_000;
const COMMAND_TIMEOUT_MS = 5_000;
const SIGNAL_TIMEOUT_MS = 3_000;
const NOT_READY_TRIES_MAX = 5;
const NOT_READY_PAUSE_MS = 50;

const COMMANDS = {
  pause: { update: pauseUpdate, signal: pauseSignal },
  resume: { update: resumeUpdate, signal: resumeSignal },
  stop: { update: stopUpdate, signal: stopSignal },
} as const;

/** One command, in both of its forms. */
interface Delivery {
  /** completes "could not …" */
  what: string;
  update(): Promise<CommandResult>;
  signal(): Promise<void>;
}

export function createBotClient(options: BotClientOptions): BotClient {
  const { client, workflowId = BOT_WORKFLOW_ID, queryTimeoutMs = QUERY_TIMEOUT_MS, commandTimeoutMs = COMMAND_TIMEOUT_MS } = options;
  const handle = client.workflow.getHandle(workflowId);
  const within = <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + timeoutMs, call);
  const question = new OneAtATime(async () => {
    try {
      return await within(queryTimeoutMs, () => handle.query(overviewQuery));
    } catch (error) {
      throw temporalFailure(error, 'read the state of the bot');
    }
  });
  const overview = (): Promise<BotOverview> => question.answer();
  const deliver = async ({ what, update, signal }: Delivery): Promise<CommandOutcome> => {
    try {
      return { kind: 'applied', result: await untilReady(() => within(commandTimeoutMs, update)) };
    } catch (error) {
      if (!isTimeout(error) && !isNotReady(error)) throw refusedOrder(error) ?? temporalFailure(error, what);
    } finally {
      question.forget();
    }
    try {
      await within(SIGNAL_TIMEOUT_MS, signal);
      return { kind: 'queued' };
    } catch (error) {
      throw temporalFailure(error, what);
    }
  };
  return {
    workflowId,
    status: async () => (await overview()).status,
    risk: async () => (await overview()).risk,
    strategies: async () => (await overview()).strategies,
    internalState: async () => (await overview()).internalState,
    overview,
    command: (verb, request) => deliver({
      what: `${verb} the bot`,
      update: () => update(handle, verb, request),
      signal: () => handle.signal(COMMANDS[verb].signal, request),
    }),
    order: (command) => deliver({
      what: `have the bot ${command.verb.replaceAll('_', ' ')}`,
      update: () => handle.executeUpdate(commandUpdate, { args: [command], updateId: command.requestId }),
      signal: () => handle.signal(commandSignal, command),
    }),
  };
}

/** An update carries its id, so that a repetition is the same command. */
async function untilReady<T>(send: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isNotReady(error) || tried === NOT_READY_TRIES_MAX) throw error;
      await delay(NOT_READY_PAUSE_MS * tried);
    }
  }
}

/**
 * One question at a time: a server holds back one query for a busy workflow and refuses more ("consistent query buffer is full",
 * `history.MaxBufferedQueryCount`, https://docs.temporal.io/references/dynamic-configuration), and a client then retries for seconds.
 */
class OneAtATime<T> {
  private underWay: Promise<T> | undefined;

  constructor(private readonly ask: () => Promise<T>) {}

  answer(): Promise<T> {
    this.underWay ??= this.askAnew();
    return this.underWay;
  }

  /** Nobody joins the question that is under way any more. */
  forget(): void {
    this.underWay = undefined;
  }

  private askAnew(): Promise<T> {
    const asked = this.ask().finally(() => {
      if (this.underWay === asked) this.underWay = undefined;
    });
    return asked;
  }
}

function update(handle: WorkflowHandle, verb: Verb, request: CommandRequest): Promise<CommandResult> {
  return handle.executeUpdate(COMMANDS[verb].update, { args: [request], updateId: request.requestId });
}
