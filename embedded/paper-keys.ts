/** The keys of the simulated account: generated once per data directory, readable by its owner only. They open nothing outside this machine. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BotError } from '../core/errors/bot-error.js';

const OWNER_ONLY = 0o600;
const KEY_BYTES = 9;
const SECRET_BYTES = 18;

const keysSchema = z.object({ key: z.string().min(10), secret: z.string().min(10) });
export type ApiKeys = z.output<typeof keysSchema>;

/** Throws 40003 when the file is damaged: new keys would lock the bot out of its own account. */
export function paperKeys(file: string): ApiKeys {
  if (!existsSync(file)) return generate(file);
  chmodSync(file, OWNER_ONLY);
  try {
    return keysSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new BotError(40003, `${file} is damaged: the keys of the simulated account cannot be read`, { fix: 'Restore it from a backup, or start with another --data-dir' });
  }
}

function generate(file: string): ApiKeys {
  const keys = { key: `paper${randomBytes(KEY_BYTES).toString('hex')}`, secret: randomBytes(SECRET_BYTES).toString('hex') };
  writeFileSync(`${file}.incoming`, JSON.stringify(keys), { mode: OWNER_ONLY });
  renameSync(`${file}.incoming`, file);
  return keys;
}
