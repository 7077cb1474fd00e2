/** Where the compiled programs are, seen from the sources as well as from `dist/`. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BotError } from '../../core/errors/bot-error.js';

const PROGRAMS = {
  simulator: 'simulator/main.js',
  'trading-worker': 'workers/trading-main.js',
  'maintenance-worker': 'workers/maintenance-main.js',
  api: 'workers/api-main.js',
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/** The compiled program. Throws 10006 when the project has not been built. */
export function programPath(name: ProgramName): string {
  const path = join(packageRoot(), 'dist', PROGRAMS[name]);
  if (existsSync(path)) return path;
  throw new BotError(10006, `${path} does not exist: the project has not been built`, { fix: 'Run `npm run build` (npm start does it by itself)', retryable: false });
}

function packageRoot(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new BotError(10006, `No package.json above ${start}: the installation is incomplete`, { retryable: false });
}
