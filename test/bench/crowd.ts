/** Many clients that read the API at once, each over a connection of its own, asking again at a fixed pace. */
import { Agent, get } from 'node:http';

export interface Reading {
  path: string;
  /** ms from the request to the last byte of the answer */
  ms: number;
  /** HTTP status, or the error's code when no answer came */
  outcome: number | string;
}

export interface CrowdOptions {
  apiUrl: string;
  paths: readonly string[];
  readers: number;
  /** ms from one question of a reader to its next */
  paceMs: number;
  durationMs: number;
}

/** One after the other, by one reader: what a process that has answered nothing yet needs for its first answers. */
export async function readOneByOne({ apiUrl, paths }: Pick<CrowdOptions, 'apiUrl' | 'paths'>): Promise<Reading[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const readings: Reading[] = [];
  try {
    for (const path of paths) readings.push(await readOnce(new URL(path, apiUrl), agent));
    return readings;
  } finally {
    agent.destroy();
  }
}

/** Resolves when the last reader has its last answer. A reader that is answered late skips the questions it missed. */
export async function readInCrowd(options: CrowdOptions): Promise<Reading[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.readers });
  const endMs = performance.now() + options.durationMs;
  try {
    const each = Array.from({ length: options.readers }, (_, reader) => readUntil({ ...options, agent, endMs, reader }));
    return (await Promise.all(each)).flat();
  } finally {
    agent.destroy();
  }
}

async function readUntil({ apiUrl, paths, readers, paceMs, agent, endMs, reader }: CrowdOptions & { agent: Agent; endMs: number; reader: number }): Promise<Reading[]> {
  const readings: Reading[] = [];
  // Spread over the pace, as people are; otherwise the first answer of all would measure a queue of their own making.
  await until(performance.now() + (paceMs * reader) / readers);
  for (let turn = reader; performance.now() < endMs; turn += 1) {
    const nextMs = performance.now() + paceMs;
    readings.push(await readOnce(new URL(paths[turn % paths.length] ?? '/health', apiUrl), agent));
    await until(nextMs);
  }
  return readings;
}

function readOnce(url: URL, agent: Agent): Promise<Reading> {
  const startedMs = performance.now();
  const path = url.pathname;
  return new Promise((resolve) => {
    const settle = (outcome: number | string): void => resolve({ path, ms: performance.now() - startedMs, outcome });
    const request = get(url, { agent }, (reply) => {
      reply.resume();
      reply.once('end', () => settle(reply.statusCode ?? 0));
      reply.once('error', (error) => settle(error.message));
    });
    request.once('error', (error) => settle(error.message));
  });
}

/** The pace of a reader, not a wait for something to happen. */
function until(instantMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, instantMs - performance.now())));
}
