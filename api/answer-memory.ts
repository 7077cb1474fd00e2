/**
 * What an Idempotency-Key stands for: the request that first came with it, and the answer it got. Kept for a day in the
 * ledger, so that a restart of this process forgets nothing, and for requests in flight in this process.
 *
 * Invariants
 * 1. The request id is a function of caller, target, key and content alone. With the ledger away the command goes through
 *    under that id, and whoever remembers ids (the bot does) still sees one command.
 * 2. Another content under a known key is refused with 409, never run and never given the first one's answer.
 * 3. A key belongs to the caller who used it: nobody is shown the answer to somebody else.
 */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ApiDependencies } from './api-dependencies.js';
import { RefusedRequest } from './problem.js';
import type { Caller } from './route.js';
import { withinLimit } from './time-limit.js';

export interface CommandAnswer {
  status: number;
  body: Record<string, unknown>;
  outcome: string;
}

export interface KeyedRequest {
  what: string;
  /** path and its parameters */
  target: unknown;
  /** the whole body, as validated */
  content: unknown;
  caller: Caller;
}

export interface AnswerMemory {
  once(request: KeyedRequest, run: (requestId: string) => Promise<CommandAnswer>): Promise<{ answer: CommandAnswer; repeated: boolean }>;
}

export const ANSWER_STATE_PREFIX = 'command-answer:';
const KEPT_MS = 24 * 3_600_000;
const KEPT_MAX = 10_000;
const FORGET_EVERY_MS = 3_600_000;
/** a command does not wait longer for the ledger's memory of it */
const LOOKUP_TIMEOUT_MS = 750;
const DIGEST_LENGTH = 40;

const recordSchema = z.object({
  contentDigest: z.string(),
  atMs: z.number(),
  /** the body as text: a database that keeps JSON does not keep the order of its fields */
  answer: z.object({ status: z.int(), bodyText: z.string(), outcome: z.string() }).nullable(),
});
type AnswerRecord = z.output<typeof recordSchema>;

interface Flight {
  contentDigest: string;
  answer: Promise<CommandAnswer>;
}

export function createAnswerMemory(dependencies: ApiDependencies): AnswerMemory {
  const inFlight = new Map<string, Flight>();
  const archive = new AnswerArchive(dependencies);
  return {
    once: async (request, run) => {
      const { caller: { actor, idempotencyKey }, what } = request;
      if (idempotencyKey === undefined) return { answer: await run(`${what}:${randomUUID()}`), repeated: false };
      const place = digest([actor, request.target, idempotencyKey]);
      const contentDigest = digest(request.content);
      const running = inFlight.get(place);
      if (running !== undefined) {
        refuseOther(running.contentDigest, contentDigest);
        return { answer: await running.answer, repeated: true };
      }
      let repeated = false;
      const answer = (async () => {
        const known = await archive.find(place);
        if (known !== null) refuseOther(known.contentDigest, contentDigest);
        repeated = known?.answer != null;
        if (known?.answer != null) return recalled(known.answer);
        const fresh = await run(`${what}:${digest([place, contentDigest])}`);
        await archive.keep(place, { contentDigest, atMs: dependencies.clock(), answer: fresh.outcome === 'queued' ? null : noted(fresh) });
        return fresh;
      })();
      inFlight.set(place, { contentDigest, answer });
      try {
        return { answer: await answer, repeated };
      } finally {
        inFlight.delete(place);
      }
    },
  };
}

function noted({ status, body, outcome }: CommandAnswer): NonNullable<AnswerRecord['answer']> {
  return { status, bodyText: JSON.stringify(body), outcome };
}

function recalled({ status, bodyText, outcome }: NonNullable<AnswerRecord['answer']>): CommandAnswer {
  return { status, body: JSON.parse(bodyText) as CommandAnswer['body'], outcome };
}

/** The ledger's part. Its absence is logged and changes no answer. */
class AnswerArchive {
  private forgottenAtMs = 0;

  constructor(private readonly dependencies: ApiDependencies) {}

  async find(place: string): Promise<AnswerRecord | null> {
    const { ledger, clock, logger } = this.dependencies;
    try {
      const state = await withinLimit(ledger().then((open) => open.state(`${ANSWER_STATE_PREFIX}${place}`)), { what: 'the ledger', limitMs: LOOKUP_TIMEOUT_MS });
      const known = state === null ? null : recordSchema.parse(state);
      return known !== null && clock() - known.atMs < KEPT_MS ? known : null;
    } catch (error) {
      logger.warning('The answers to earlier commands cannot be read now: the command goes through under the id of its key', { error });
      return null;
    }
  }

  async keep(place: string, record: AnswerRecord): Promise<void> {
    const { ledger, clock, logger } = this.dependencies;
    try {
      const open = await ledger();
      await open.saveState(`${ANSWER_STATE_PREFIX}${place}`, record);
      if (clock() - this.forgottenAtMs < FORGET_EVERY_MS) return;
      this.forgottenAtMs = clock();
      await open.forgetStates({ prefix: ANSWER_STATE_PREFIX, beforeMs: clock() - KEPT_MS, keep: KEPT_MAX });
    } catch (error) {
      logger.warning('The answer to a command could not be kept for its repetition', { error });
    }
  }
}

function refuseOther(known: string, given: string): void {
  if (known === given) return;
  throw new RefusedRequest(409, 'this Idempotency-Key was used for another request', { fix: 'repeat the first request unchanged, or give a new key' });
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex').slice(0, DIGEST_LENGTH);
}

/** The order in which a caller wrote the fields of an object says nothing. */
function sortKeys(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
