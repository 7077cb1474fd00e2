/** Makes sure that dist/ is what the sources say, for tests that start the real processes. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BUILD_TIMEOUT_MS = 300_000;
export const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function ensureBuilt(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: PROJECT_ROOT, timeout: BUILD_TIMEOUT_MS });
}
