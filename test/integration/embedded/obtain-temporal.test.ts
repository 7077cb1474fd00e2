/**
 * Finding and getting a Temporal server. The programs found are small scripts that tell a version, the download host is a
 * server of the test: the real binary is used by every other test of this folder.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pickFreePort } from '../../../embedded/free-ports.js';
import { cliCache } from '../../../embedded/temporal/cli-cache.js';
import { obtainTemporalServer, type TemporalServer } from '../../../embedded/temporal/obtain.js';
import { PINNED_SERVER_VERSION } from '../../../embedded/temporal/server-version.js';

let folder: string;
let env: NodeJS.ProcessEnv;
let server: Server | undefined;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bot-obtain-'));
  mkdirSync(join(folder, 'bin'));
  // The system's folders are there for the interpreter and for tar, this folder's programs come first.
  env = { PATH: [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter), HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  told = [];
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function program(path: string, source: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${source}\n`);
  chmodSync(path, 0o755);
  return path;
}

function temporalProgram(path: string, version: string): string {
  return program(path, `echo "temporal version 0.0.0-DEV (Server ${version}, UI 2.42.1)"`);
}

async function host(answer: (response: ServerResponse) => void): Promise<string> {
  server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function hostOfArchive(version: string): Promise<string> {
  temporalProgram(join(folder, 'archive', 'temporal'), version);
  execFileSync('tar', ['-czf', join(folder, 'archive.tar.gz'), '-C', join(folder, 'archive'), 'temporal']);
  return host((response) => response.end(readFileSync(join(folder, 'archive.tar.gz'))));
}

async function obtain(downloadBaseUrl?: string): Promise<TemporalServer> {
  const baseUrl = downloadBaseUrl ?? `http://127.0.0.1:${await pickFreePort()}`;
  return obtainTemporalServer({ env, downloadBaseUrl: baseUrl, onProgress: (message) => told.push(message) });
}

test('a named binary comes first, then the PATH, then the cache', async () => {
  const cached = temporalProgram(cliCache(env).binaryPath, PINNED_SERVER_VERSION);
  expect(await obtain()).toEqual({ path: cached, version: PINNED_SERVER_VERSION, source: 'cache' });
  const onPath = temporalProgram(join(folder, 'bin', 'temporal'), '1.31.2');
  expect(await obtain()).toEqual({ path: onPath, version: '1.31.2', source: 'PATH' });
  const named = temporalProgram(join(folder, 'named'), '1.30.0');
  env['TEMPORAL_CLI_PATH'] = named;
  expect(await obtain()).toEqual({ path: named, version: '1.30.0', source: 'TEMPORAL_CLI_PATH' });
});

test.each([['missing', undefined], ['no temporal', 'exit 3'], ['too old', 'echo "temporal version 1.0.0 (Server 1.24.2, UI 2.0.0)"']])('a named binary that is %s is an error, not a reason to take another', async (_case, source) => {
  temporalProgram(cliCache(env).binaryPath, PINNED_SERVER_VERSION);
  env['TEMPORAL_CLI_PATH'] = source === undefined ? join(folder, 'missing') : program(join(folder, 'named'), source);
  await expect(obtain()).rejects.toMatchObject({ code: 10006, message: expect.stringContaining('TEMPORAL_CLI_PATH='), fix: expect.stringContaining('unset it') });
});

test('a binary on the PATH that is too old is passed over', async () => {
  temporalProgram(join(folder, 'bin', 'temporal'), '1.24.2');
  temporalProgram(cliCache(env).binaryPath, PINNED_SERVER_VERSION);
  expect((await obtain()).source).toBe('cache');
});

test('a download arrives in the cache complete, and is found there the next time', async () => {
  const url = await hostOfArchive(PINNED_SERVER_VERSION);
  const { binaryPath, directory } = cliCache(env);
  expect(await obtain(url)).toEqual({ path: binaryPath, version: PINNED_SERVER_VERSION, source: 'download' });
  expect(told.join('\n')).toMatch(/downloading the Temporal CLI 1\.5\.1 from 127\.0\.0\.1:\d+\nunpacking the Temporal CLI \(sha256 [0-9a-f]{64}\)/);
  expect(readdirSync(directory)).toEqual(['temporal']);
  expect((await obtain(url)).source).toBe('cache');
});

test('two callers get it once', async () => {
  let served = 0;
  await hostOfArchive(PINNED_SERVER_VERSION);
  const archive = readFileSync(join(folder, 'archive.tar.gz'));
  server?.close();
  const url = await host((response) => {
    served += 1;
    response.end(archive);
  });
  const both = await Promise.all([obtain(url), obtain(url)]);
  expect(both.map(({ source }) => source).sort()).toEqual(['cache', 'download']);
  expect(served).toBe(1);
});

test('without a download it is built with Go, and the build is seen to be alive', async () => {
  program(join(folder, 'bin', 'go'), `if [ "$1" = version ]; then echo "go version go1.26.0 test"; exit 0; fi
echo "go: downloading github.com/x v1" >&2; echo "github.com/x" >&2; sleep 4
printf '#!/bin/sh\\necho "temporal version 0.0.0-DEV (Server ${PINNED_SERVER_VERSION}, UI 2.42.1)"\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`);
  expect(await obtain()).toEqual({ path: cliCache(env).binaryPath, version: PINNED_SERVER_VERSION, source: 'go install' });
  expect(told).toContain('Go build: 1 modules fetched, 1 packages compiled, now github.com/x');
});

test('when nothing works the error names everything that was tried and every way out, and nothing half-made stays', async () => {
  program(join(folder, 'bin', 'go'), 'if [ "$1" = version ]; then echo "go version go1.26.0 test"; exit 0; fi\necho "no space left on device" >&2; exit 1');
  const url = await hostOfArchive('1.2.3');
  const failure = obtain(url);
  await expect(failure).rejects.toMatchObject({ code: 10006 });
  const { message, fix } = await failure.catch((error: { message: string; fix: string }) => error) as { message: string; fix: string };
  for (const part of ['no temporal on the PATH', 'nothing usable in the cache', 'download brought server 1.2.3', 'no space left on device']) expect(message).toContain(part);
  for (const way of ['TEMPORAL_ADDRESS', 'TEMPORAL_CLI_PATH', '127.0.0.1', 'https://go.dev/dl']) expect(fix).toContain(way);
  expect(readdirSync(cliCache(env).directory)).toEqual([]);
});

test('a host that accepts and never answers is given up within seconds', async () => {
  program(join(folder, 'bin', 'go'), 'exit 1');
  const url = await host(() => undefined);
  const startedMs = Date.now();
  await expect(obtain(url)).rejects.toMatchObject({ message: expect.stringContaining('no answer within 6000 ms') });
  expect(Date.now() - startedMs).toBeLessThan(15_000);
});

test('a start that is given up ends the build', async () => {
  program(join(folder, 'bin', 'go'), `if [ "$1" = version ]; then echo "go version go1.26.0 test"; exit 0; fi\necho started > ${join(folder, 'started')}; exec sleep 600`);
  const giveUp = new AbortController();
  const obtaining = obtainTemporalServer({
    env, signal: giveUp.signal, downloadBaseUrl: `http://127.0.0.1:${await pickFreePort()}`,
    onProgress: () => (existsSync(join(folder, 'started')) ? giveUp.abort() : undefined),
  });
  await expect(obtaining).rejects.toMatchObject({ code: 10006 });
  expect(readdirSync(cliCache(env).directory)).toEqual([]);
});
