/**
 * The lint rules that this project added or tightened, each shown to fire on a planted snippet, and the exceptions
 * shown to be exceptions. A snippet is linted in place of a file that exists, so that it gets that folder's rules
 * with full type information.
 */
import { ESLint } from 'eslint';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const eslint = new ESLint({ cwd: ROOT, ruleFilter: ({ ruleId }) => ruleId !== '@typescript-eslint/no-unused-vars' });

const CORE = 'core/market/candle.ts';
const WORKFLOW = 'workflows/messages.ts';
const TEST = 'test/quality/lint.test.ts';

async function rulesBrokenBy(snippet: string, file: string): Promise<string[]> {
  const [result] = await eslint.lintText(snippet, { filePath: `${ROOT}/${file}` });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const lines = (count: number, line: string): string => Array.from({ length: count }, () => line).join('\n');

const SYNTAX = 'no-restricted-syntax';
const GLOBALS = 'no-restricted-globals';
const IMPORTS = '@typescript-eslint/no-restricted-imports';

const everywhere: [name: string, snippet: string, rule: string][] = [
  ['a default export', 'export default 1;', SYNTAX],
  ['a barrel', "export * from './interval.js';", SYNTAX],
  ['reading the environment outside config/', 'export const home = () => process.env.HOME;', SYNTAX],
  ['a fourth parameter', 'export const f = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];', 'max-params'],
  ['a function of 71 lines', `export function f(): void {\n${lines(70, '  f();')}\n}`, 'max-lines-per-function'],
  ['a file of 301 lines', lines(301, 'export {};'), 'max-lines'],
  ['loose equality', 'export const same = (a: string, b: string) => a == b;', 'eqeqeq'],
  ['an explicit any', 'export const f = (a: any): unknown => [a];', '@typescript-eslint/no-explicit-any'],
  ['a type imported as a value', "import { Interval } from './interval.js';\nexport type I = Interval;", '@typescript-eslint/consistent-type-imports'],
  ['an import that only has a side effect', "import { type Interval } from './interval.js';\nexport type I = Interval;", '@typescript-eslint/no-import-type-side-effects'],
  ['a promise nobody waits for', 'export function f(p: Promise<void>): void { p; }', '@typescript-eslint/no-floating-promises'],
  ['a switch that forgets a case', "export function f(side: 'a' | 'b'): void { switch (side) { case 'a': return; } }", '@typescript-eslint/switch-exhaustiveness-check'],
  ['an empty catch', 'export function f(): void { try { f(); } catch {} }', 'no-empty'],
  ['throwing what is no error', "export function f(): never { throw 'no'; }", '@typescript-eslint/only-throw-error'],
  ['a number sort by text', 'export const f = (list: number[]) => list.sort();', '@typescript-eslint/require-array-sort-compare'],
];

const inCore: [name: string, snippet: string, rule: string][] = [
  ['Date.now', 'export const f = () => Date.now();', SYNTAX],
  ['new Date() without an argument', 'export const f = () => new Date();', SYNTAX],
  ['Date() as a function', 'export const f = () => Date();', SYNTAX],
  ['Math.random', 'export const f = () => Math.random();', SYNTAX],
  ['process', 'export const f = () => process.pid;', GLOBALS],
  ['fetch', "export const f = async () => await fetch('x');", GLOBALS],
  ['a timer', 'export const f = () => setTimeout(() => undefined, 1);', GLOBALS],
  ['globalThis, the way around', 'export const f = () => globalThis;', GLOBALS],
  ['crypto', 'export const f = () => crypto.randomUUID();', GLOBALS],
  ['state in a module', 'let count = 0;\nexport const f = () => { count += 1; };', SYNTAX],
  ['a memory in a module', 'export const seen = new Set<string>();', SYNTAX],
  ['a list to be filled in a module', 'const seen: string[] = [];\nexport const f = (one: string) => seen.push(one);', SYNTAX],
  ['a Node built-in', "import { readFileSync } from 'node:fs';\nexport const f = readFileSync;", IMPORTS],
  ['a Node built-in without its prefix', "import { join } from 'path';\nexport const f = join;", IMPORTS],
];

const inWorkflows: [name: string, snippet: string, rule: string][] = [
  ['state in a module', 'export let count = 0;\nexport const f = () => { count += 1; };', SYNTAX],
  ['a Node built-in', "import { createHash } from 'node:crypto';\nexport const f = createHash;", IMPORTS],
  ['activity code', "import { act } from '../activities/act.js';\nexport const f = (): unknown => [act];", IMPORTS],
  ['an adapter, even as a type', "import type { Pool } from '../adapters/postgres/pool.js';\nexport type P = Pool;", IMPORTS],
  ['the configuration', "import type { Settings } from '../config/settings.js';\nexport type S = Settings;", IMPORTS],
];

const allowed: [name: string, snippet: string, file: string][] = [
  ['a table in a module of core', "export const names = new Map([['a', 1]]);", CORE],
  ['new Date(ms) in core', 'export const f = (ms: number) => new Date(ms);', CORE],
  ['core modules named like a built-in', "import type { Interval } from './events.js';\nexport type I = Interval;", CORE],
  ['activities as types in workflows', "import type * as activities from '../activities/act.js';\nexport type A = typeof activities;", WORKFLOW],
  ['a file of 300 lines and any number of comments', `${lines(300, 'export {};')}\n${lines(50, '// why')}`, CORE],
  ['the environment in a test', 'export const home = () => process.env.HOME;', TEST],
  ['a long suite in a test', `export function f(): void {\n${lines(120, '  f();')}\n}`, TEST],
];

describe('the linter', () => {
  // The first snippet loads the whole program; no single test should pay for that.
  beforeAll(async () => { await rulesBrokenBy('export {};', CORE); });

  it.each(everywhere)('refuses %s', async (_name, snippet, rule) => {
    expect(await rulesBrokenBy(snippet, CORE)).toContain(rule);
  });

  it.each(inCore)('refuses %s in core/', async (_name, snippet, rule) => {
    expect(await rulesBrokenBy(snippet, CORE)).toContain(rule);
  });

  it.each(inWorkflows)('refuses %s in workflows/', async (_name, snippet, rule) => {
    expect(await rulesBrokenBy(snippet, WORKFLOW)).toContain(rule);
  });

  it('refuses the console except where a person sits at the terminal', async () => {
    expect(await rulesBrokenBy('console.log(1);', WORKFLOW)).toEqual(['no-console']);
    const cli = (await eslint.calculateConfigForFile(`${ROOT}/cli/main.ts`)) as { rules: Record<string, [number]> };
    expect(cli.rules['no-console']?.[0]).toBe(0);
  });

  it.each(allowed)('allows %s', async (_name, snippet, file) => {
    expect(await rulesBrokenBy(snippet, file)).toEqual([]);
  });
});
