/**
 * The ports of the stack: chosen, or picked free for 0. Decided before anything is written.
 *
 * Invariant: a port held by a left-over of the same data directory counts as ours, since the left-over is ended next.
 */
import { BotError } from '../core/errors/bot-error.js';
import { isPortFree, pickFreePort } from './free-ports.js';
import { findPortHolder } from './port-holder.js';

export interface PortWish {
  /** what listens there, in the operator's words */
  purpose: string;
  /** the option that chooses it */
  option: string;
  /** 0: any free one */
  port: number;
}

/** One port per wish, in order, all different. Rejects with 10006 that names who holds a taken one. */
export async function claimPorts(wishes: readonly PortWish[], leftOverPids: ReadonlySet<number>): Promise<number[]> {
  refuseDoubles(wishes);
  const chosen = new Set(wishes.map((wish) => wish.port).filter((port) => port !== 0));
  for (const wish of wishes.filter(({ port }) => port !== 0)) await refuseTaken(wish, leftOverPids);
  const claimed: number[] = [];
  for (const { port } of wishes) {
    const settled = port === 0 ? await pickFreePort(chosen) : port;
    chosen.add(settled);
    claimed.push(settled);
  }
  return claimed;
}

function refuseDoubles(wishes: readonly PortWish[]): void {
  for (const [index, wish] of wishes.entries()) {
    const other = wishes.slice(0, index).find(({ port }) => port !== 0 && port === wish.port);
    if (other !== undefined) {
      throw new BotError(10002, `${other.option} and ${wish.option} are both ${wish.port}`, { fix: `Give ${wish.option} another port, or 0 for any free one` });
    }
  }
}

async function refuseTaken(wish: PortWish, leftOverPids: ReadonlySet<number>): Promise<void> {
  if (await isPortFree(wish.port)) return;
  const holder = findPortHolder(wish.port);
  if (holder !== undefined && leftOverPids.has(holder.pid)) return;
  const who = holder === undefined ? 'a process that this user may not see' : `process ${holder.pid} (${holder.command.slice(0, 120)})`;
  throw new BotError(10006, `Port ${wish.port} for ${wish.purpose} is taken by ${who}`, {
    fix: `End that process, or choose another port with ${wish.option} (0 picks a free one)`,
  });
}
