/**
 * Fetches the official Temporal CLI archive and leaves the unpacked binary in a folder.
 *
 * Every step is bounded: an unreachable host is given up after seconds, a stalled transfer as well. What arrives is not
 * trusted by its name: the caller asks the binary for its version before it is used.
 * Source of the address: docs.temporal.io/cli, "install the CLI", manual download.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { BotError } from '../../core/errors/bot-error.js';
import type { OnProgress } from '../progress.js';
import { PINNED_CLI_VERSION } from './server-version.js';

export const OFFICIAL_DOWNLOAD_URL = 'https://temporal.download';

const ANSWER_TIMEOUT_MS = 6_000;
const STALL_TIMEOUT_MS = 15_000;
const TRANSFER_TIMEOUT_MS = 15 * 60_000;
const UNPACK_TIMEOUT_MS = 120_000;
const REPORT_MS = 2_000;
const BYTES_PER_MEGABYTE = 1_000_000;

/** Path of the unpacked binary inside `folder`. Rejects with 30003 when the download is not possible. */
export async function downloadCli(folder: string, options: { baseUrl: string; onProgress: OnProgress; signal: AbortSignal }): Promise<string> {
  const url = archiveUrl(options.baseUrl);
  options.onProgress(`downloading the Temporal CLI ${PINNED_CLI_VERSION} from ${new URL(url).host}`);
  const archive = join(folder, 'archive');
  try {
    const sha256 = await transfer(url, archive, options);
    options.onProgress(`unpacking the Temporal CLI (sha256 ${sha256})`);
    await execa('tar', ['-xf', archive, '-C', folder], { timeout: UNPACK_TIMEOUT_MS, stdin: 'ignore' });
  } catch (error) {
    throw new BotError(30003, `download of ${url} failed: ${reasonOf(error)}`, { fix: 'Check the network, or give a binary by TEMPORAL_CLI_PATH' });
  }
  return join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
}

function archiveUrl(baseUrl: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${baseUrl}/cli/archive/v${PINNED_CLI_VERSION}?platform=${platform}&arch=${arch}`;
}

async function transfer(url: string, target: string, { onProgress, signal: givenUp }: { onProgress: OnProgress; signal: AbortSignal }): Promise<string> {
  const abort = new AbortController();
  const answerTimer = setTimeout(() => abort.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
  const response = await fetch(url, { signal: AbortSignal.any([abort.signal, givenUp]), redirect: 'follow' }).finally(() => clearTimeout(answerTimer));
  if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`);
  const hash = createHash('sha256');
  const watch = watchTransfer({ abort, hash, onProgress, totalBytes: Number(response.headers.get('content-length') ?? 0) });
  const signal = AbortSignal.any([abort.signal, givenUp, AbortSignal.timeout(TRANSFER_TIMEOUT_MS)]);
  await pipeline(Readable.fromWeb(response.body), watch, createWriteStream(target), { signal });
  return hash.digest('hex');
}

interface WatchOptions {
  abort: AbortController;
  hash: ReturnType<typeof createHash>;
  onProgress: OnProgress;
  totalBytes: number;
}

/** Hashes what passes, reports it, and aborts when nothing passes for a while. */
function watchTransfer({ abort, hash, onProgress, totalBytes }: WatchOptions): Transform {
  const stalled = (): void => abort.abort(new Error(`nothing received for ${STALL_TIMEOUT_MS} ms`));
  let stallTimer = setTimeout(stalled, STALL_TIMEOUT_MS);
  let receivedBytes = 0;
  let reportedMs = Date.now();
  return new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      clearTimeout(stallTimer);
      stallTimer = setTimeout(stalled, STALL_TIMEOUT_MS);
      hash.update(chunk);
      receivedBytes += chunk.length;
      if (Date.now() - reportedMs >= REPORT_MS) {
        reportedMs = Date.now();
        onProgress(`downloaded ${describeBytes(receivedBytes, totalBytes)}`);
      }
      done(null, chunk);
    },
    destroy(error, done): void {
      clearTimeout(stallTimer);
      done(error);
    },
    flush(done): void {
      clearTimeout(stallTimer);
      done();
    },
  });
}

function describeBytes(receivedBytes: number, totalBytes: number): string {
  const received = `${(receivedBytes / BYTES_PER_MEGABYTE).toFixed(1)} MB`;
  return totalBytes > 0 ? `${received} of ${(totalBytes / BYTES_PER_MEGABYTE).toFixed(1)} MB` : received;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
