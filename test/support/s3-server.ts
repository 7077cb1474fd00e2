/**
 * A real S3 server of a test's own: versitygw, which checks the checksums that it is sent; else moto's server, which does not. Where
 * neither can be had the tests that need one are skipped, and say so.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { S3Settings } from '../../adapters/archive/s3-settings.js';
import { freePort } from './redis-server.js';

const PACKAGE = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const BUILD_TIMEOUT_MS = 480_000;
const BUCKET = 'trading-bot-backups';
const CREDENTIALS = { accessKeyId: 'test-access', secretAccessKey: 'test-secret-of-the-storage' };

export interface S3Server {
  name: string;
  port: number;
  settings: S3Settings & { endpoint: string };
  stop(): Promise<void>;
}

/** undefined: none can be had here. The first call may build one, which takes a minute or two. */
export async function startS3(): Promise<S3Server | undefined> {
  const gateway = obtainGateway();
  if (gateway !== undefined) return startGateway(gateway);
  if (spawnSync('moto_server', ['--help']).status === 0) return startMoto();
  console.warn('skipped: no S3 server. Install Go (versitygw is built by itself) or pip install "moto[server]".');
  return undefined;
}

function obtainGateway(): string | undefined {
  if (spawnSync('versitygw', ['--version']).status === 0) return 'versitygw';
  const folder = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'bybit-temporal-bot', 'versitygw-1.8.0');
  const binary = path.join(folder, 'versitygw');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const built = spawnSync('go', ['install', PACKAGE], { env: { ...process.env, GOBIN: folder }, timeout: BUILD_TIMEOUT_MS });
  return built.status === 0 ? binary : undefined;
}

async function startGateway(binary: string): Promise<S3Server> {
  const directory = mkdtempSync(path.join(tmpdir(), 's3-'));
  mkdirSync(path.join(directory, 'data', BUCKET), { recursive: true });
  const port = await freePort();
  const keys = { ROOT_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, ROOT_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey };
  return running('versitygw', { command: binary, args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', path.join(directory, 'data')], env: keys, port, directory });
}

async function startMoto(): Promise<S3Server> {
  const port = await freePort();
  const server = await running('moto', { command: 'moto_server', args: ['-H', '127.0.0.1', '-p', String(port)], env: {}, port, directory: mkdtempSync(path.join(tmpdir(), 's3-')) });
  await fetch(`${server.settings.endpoint}/${BUCKET}`, { method: 'PUT' });
  return server;
}

async function running(name: string, { command, args, env, port, directory }: { command: string; args: string[]; env: Record<string, string>; port: number; directory: string }): Promise<S3Server> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await fetch(endpoint).then(() => true, () => false))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
  }
  return {
    name, port, settings: { endpoint, region: 'us-east-1', bucket: BUCKET, prefix: 'bot', credentials: CREDENTIALS },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
