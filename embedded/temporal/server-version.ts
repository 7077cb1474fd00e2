/** Which Temporal server a `temporal` binary contains, asked of the binary itself. */
import { execa } from 'execa';

const VERSION_TIMEOUT_MS = 20_000;

/** The CLI release that is pinned; later tags cannot be built with `go install` (their go.mod has a replace directive). */
export const PINNED_CLI_VERSION = '1.5.1';
/** The server inside the pinned CLI release. */
export const PINNED_SERVER_VERSION = '1.29.1';

/** Server version such as "1.29.1", or undefined when the file is no working `temporal` binary. */
export async function readServerVersion(binaryPath: string): Promise<string | undefined> {
  const result = await execa(binaryPath, ['--version'], { reject: false, timeout: VERSION_TIMEOUT_MS, stdin: 'ignore' });
  if (result.failed) return undefined;
  return /\bServer (\d+\.\d+\.\d+)/.exec(result.stdout)?.[1];
}

/** True when the server is the pinned one or newer: what is older lacks flags and features that are relied on. */
export function isSupportedServer(version: string): boolean {
  return compareVersions(version, PINNED_SERVER_VERSION) >= 0;
}

function compareVersions(left: string, right: string): number {
  const rightParts = right.split('.').map(Number);
  for (const [index, part] of left.split('.').map(Number).entries()) {
    const difference = part - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
