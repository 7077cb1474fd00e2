/**
 * The API as the commands see it.
 *
 * Invariants
 * 1. The token appears nowhere but in its header.
 * 2. Every command carries an Idempotency-Key, so one that is repeated after a lost connection is one command.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CommandEnd, EXIT, type ExitCode } from './exit-codes.js';

const problemSchema = z.object({ detail: z.string(), fix: z.string().default(''), code: z.number().optional() });

/** customary: some questions take the API a while */
const PATIENT = { timeoutMs: 30_000, postTries: 3 };
const PAUSE_MS = 500;

export interface ApiClient {
  readonly url: string;
  get<S extends z.ZodType>(path: string, reply: S): Promise<z.output<S>>;
  /** also when the answer is an error status: for /health, which says 503 when something is wrong */
  look<S extends z.ZodType>(path: string, reply: S): Promise<z.output<S>>;
  post<S extends z.ZodType>(path: string, body: object, reply: S): Promise<z.output<S>>;
}

/** The API cannot be reached: it may be back in a moment. */
export class Unreachable extends CommandEnd {}

export interface ApiClientOptions {
  url: string;
  token: string | undefined;
  /** how long one request may take, and how often a command is sent; absent: customary */
  patience?: { timeoutMs: number; postTries: number };
}

export function createApiClient({ url, token, patience: { timeoutMs, postTries } = PATIENT }: ApiClientOptions): ApiClient {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string, init: RequestInit = {}): Promise<{ status: number; json: unknown }> => {
    const response = await fetched(new URL(path, url), { ...init, headers: { ...authorization, ...init.headers }, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, json: await bodyOf(response, url) };
  };
  return {
    url,
    get: async (path, reply) => accept(await ask(path), reply),
    look: async (path, reply) => read(await ask(path), reply),
    post: async (path, body, reply) => {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() } };
      for (let tried = 1; ; tried += 1) {
        try {
          return accept(await ask(path, init), reply);
        } catch (error) {
          if (!(error instanceof Unreachable) || tried === postTries) throw error;
          await delay(PAUSE_MS);
        }
      }
    },
  };
}

async function fetched(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new Unreachable(EXIT.failed, `the API at ${url.origin} does not answer`, 'start the bot (npm start), or name the address with --api or BOT_API_URL');
  }
}

async function bodyOf(response: Response, url: string): Promise<unknown> {
  const text = await response.text().catch(() => undefined);
  if (text === undefined) throw new Unreachable(EXIT.failed, `the connection to the API at ${url} was lost`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandEnd(EXIT.failed, `what answers at ${url} is not the bot's API`, 'check --api or BOT_API_URL');
  }
}

function accept<S extends z.ZodType>({ status, json }: { status: number; json: unknown }, reply: S): z.output<S> {
  if (status < 400) return read({ status, json }, reply);
  const problem = problemSchema.safeParse(json);
  if (!problem.success) throw new CommandEnd(EXIT.failed, `the API answered with status ${status}`);
  const { detail, fix, code } = problem.data;
  throw new CommandEnd(exitCodeOf(status), code === undefined ? detail : `${code} ${detail}`, fix);
}

function exitCodeOf(status: number): ExitCode {
  if (status === 400 || status === 404 || status === 405) return EXIT.usage;
  if (status === 401 || status === 403 || status === 409) return EXIT.refused;
  return EXIT.failed;
}

function read<S extends z.ZodType>({ status, json }: { status: number; json: unknown }, reply: S): z.output<S> {
  const result = reply.safeParse(json);
  if (result.success) return result.data;
  throw new CommandEnd(EXIT.failed, `the API answers (status ${status}) in a way that this command does not understand`, 'use the command of the same version as the bot');
}
