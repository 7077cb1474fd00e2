import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { apiSchema } from '../../../config/api-section.js';

const PROGRAM = fileURLToPath(new URL('../../../config/api-token-main.ts', import.meta.url));

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

describe('npm run api:token', () => {
  it('shows a token of 256 random bits once, and the entry that the configuration takes, which holds only its digest', async () => {
    const { code, stdout } = await run('--name', 'dashboard', '--role', 'viewer');
    const token = /^ {2}(tbt_[A-Za-z0-9_-]{43})$/m.exec(stdout)?.[1] ?? '';
    const entry: unknown = JSON.parse(/^ {2}(\{.*\})$/m.exec(stdout)?.[1] ?? '');
    expect(code).toBe(0);
    expect(entry).toEqual({ name: 'dashboard', role: 'viewer', sha256: createHash('sha256').update(token).digest('hex') });
    expect(apiSchema.parse({ tokens: [entry] }).tokens).toEqual([entry]);
    expect((await run('--name', 'dashboard', '--role', 'viewer')).stdout).not.toContain(token);
  });

  it.each([[[]], [['--name', 'x']], [['--name', 'x', '--role', 'root']], [['--name', 'two words', '--role', 'viewer']], [['--nme', 'x']]])('with the arguments %j says how it is used', async (args) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--role viewer|operator|admin') as string });
  });
});

describe('section api', () => {
  const token = { name: 'a', role: 'viewer', sha256: 'a'.repeat(64) };
  it.each([
    ['two tokens of one name', { tokens: [token, { ...token, sha256: 'b'.repeat(64) }] }],
    ['one token under two names', { tokens: [token, { ...token, name: 'b' }] }],
    ['a token instead of its digest', { tokens: [{ ...token, sha256: 'tbt_secret' }] }],
    ['an unknown role', { tokens: [{ ...token, role: 'root' }] }],
    ['a host with scheme', { allowed_hosts: ['https://bot.example.com'] }],
    ['a host with port', { allowed_hosts: ['bot.example.com:8080'] }],
    ['no requests at all', { requests_per_minute: 0 }],
  ])('refuses %s', (_what, section) => {
    expect(apiSchema.safeParse(section).success).toBe(false);
  });
});
