/**
 * Builds the pinned Temporal CLI with an installed Go tool chain: the way out where the download host is not reachable
 * but Go's module proxy is. Takes about four minutes on two cores, so it reports all the time.
 */
import { join } from 'node:path';
import { execa } from 'execa';
import { BotError } from '../../core/errors/bot-error.js';
import type { OnProgress } from '../progress.js';
import { PINNED_CLI_VERSION } from './server-version.js';

const BUILD_TIMEOUT_MS = 30 * 60_000;
const GO_PROBE_TIMEOUT_MS = 10_000;
const REPORT_MS = 3_000;
const LAST_LINES_OF_FAILURE = 5;
const PACKAGE = `github.com/temporalio/cli/cmd/temporal@v${PINNED_CLI_VERSION}`;

export async function goVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const result = await execa('go', ['version'], { env, extendEnv: false, reject: false, timeout: GO_PROBE_TIMEOUT_MS, stdin: 'ignore' });
  return result.failed ? undefined : result.stdout.replace('go version ', '').trim();
}

/** Path of the built binary inside `folder`. Rejects with 10006 when the build fails. */
export async function buildWithGo(folder: string, options: { env: NodeJS.ProcessEnv; onProgress: OnProgress; signal: AbortSignal }): Promise<string> {
  options.onProgress(`building the Temporal CLI ${PINNED_CLI_VERSION} with Go (once, about 4 minutes)`);
  // -v names every package as it is compiled: the only sign of life that a long build gives.
  const build = execa('go', ['install', '-v', PACKAGE], {
    env: { ...options.env, GOBIN: folder }, extendEnv: false,
    stdin: 'ignore', stdout: 'ignore', lines: true, reject: false, timeout: BUILD_TIMEOUT_MS, cancelSignal: options.signal,
  });
  const stopReporting = reportLines(build, options.onProgress);
  const result = await build.finally(stopReporting);
  if (result.failed) {
    const tail = result.stderr.slice(-LAST_LINES_OF_FAILURE).join(' | ');
    throw new BotError(10006, `go install ${PACKAGE} failed: ${tail || result.shortMessage}`, { fix: 'Check the network and free disk space, or give a binary by TEMPORAL_CLI_PATH' });
  }
  return join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

function reportLines(build: { stderr: NodeJS.ReadableStream }, onProgress: OnProgress): () => void {
  let packages = 0;
  let downloads = 0;
  let latest = '';
  build.stderr.setEncoding('utf8');
  build.stderr.on('data', (text: string) => {
    for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
      if (line.startsWith('go: downloading')) downloads += 1;
      else packages += 1;
      latest = line.trim();
    }
  });
  const timer = setInterval(() => onProgress(`Go build: ${downloads} modules fetched, ${packages} packages compiled, now ${latest || 'resolving'}`), REPORT_MS);
  return () => clearInterval(timer);
}
