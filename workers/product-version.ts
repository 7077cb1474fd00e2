/** The version of this installation, as its package.json says: above the compiled sources, or beside the plain ones. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const LEVELS_MAX = 4;

/** 'unknown' where no package.json came along. */
export function productVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS_MAX; level += 1, folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return z.object({ version: z.string() }).catch({ version: 'unknown' }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  }
  return 'unknown';
}
