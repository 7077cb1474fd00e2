/**
 * What a state folder belongs to. The state of an account is only meaningful on the market it traded on, so a folder
 * remembers its market and refuses another one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../core/errors/bot-error.js';

const identitySchema = z.object({
  market: z.enum(['replay', 'synthetic', 'live']),
  symbols: z.string(),
  seed: z.string(),
  from: z.string(),
  to: z.string(),
  rebase: z.string(),
  startingBalance: z.string(),
  upstream: z.string(),
  partialFills: z.string(),
  /** market time at which the first start happened; a rebased market keeps its shift by it */
  firstStartMs: z.number(),
});
export type MarketIdentity = z.infer<typeof identitySchema>;

const IDENTITY_FILE = 'market.json';

/** The folder's identity: the given one on first use, the remembered one afterwards. Throws 10002 when they differ. */
export function claimStateFolder(directory: string, wanted: MarketIdentity): MarketIdentity {
  const path = join(directory, IDENTITY_FILE);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    writeFileSync(`${path}.new`, JSON.stringify(wanted, undefined, 2), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return wanted;
  }
  const known = readIdentity(path);
  const differing = (Object.keys(wanted) as (keyof MarketIdentity)[]).filter((key) => key !== 'firstStartMs' && known[key] !== wanted[key]);
  if (differing.length > 0) {
    const what = differing.map((key) => `${key} was "${known[key]}" and is now "${wanted[key]}"`).join(', ');
    throw new BotError(10002, `The simulator's state folder belongs to another market: ${what}`, {
      fix: 'Start with the same market options, or give a new --state-dir',
    });
  }
  return known;
}

function readIdentity(path: string): MarketIdentity {
  try {
    return identitySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new BotError(40003, `The simulator's ${IDENTITY_FILE} cannot be read`, { fix: 'Restore the state folder from a copy, or give a new --state-dir', cause: error });
  }
}
