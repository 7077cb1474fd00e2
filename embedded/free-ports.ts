/**
 * Picks ports for "0: any free one".
 *
 * They come from below the range that systems hand out for outgoing connections (Linux 32768 up, others 49152 up): a
 * part that dies must find its port free again when it comes back, and not under somebody's outgoing connection.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { BotError } from '../core/errors/bot-error.js';

const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
const ATTEMPTS = 200;
const LOOPBACK = '127.0.0.1';

/** A port nobody listens on and that is not in `taken`. Rejects with 10006 when none is found. */
export async function pickFreePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new BotError(10006, `No free port found between ${LOWEST_PORT} and ${HIGHEST_PORT}`, { fix: 'Choose ports yourself with the port options' });
}

/** True when the port can be bound on loopback at this moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: LOOPBACK, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
