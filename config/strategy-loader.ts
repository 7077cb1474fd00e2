/**
 * Finds the strategy that a name in the configuration means: one of the built-in ones, or the ES module
 * `<folder>/<name>.js` (or `.mjs`) of the user, which exports `strategy`: the strategy itself, or a function that makes it
 * from the strategy kit. Runs where strategies are evaluated (the workers) and where the configuration is checked, never in
 * a workflow.
 *
 * Invariants
 * 1. Only files that the configuration names are executed.
 * 2. A built-in name cannot be taken over by a file.
 */
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BotError } from '../core/errors/bot-error.js';
import { guardedStrategy } from '../core/strategies/guarded-strategy.js';
import { BUILT_IN_STRATEGIES, strategyNamed } from '../core/strategies/registry.js';
import { STRATEGY_KIT } from '../core/strategies/strategy-kit.js';
import type { Strategy } from '../core/strategies/strategy.js';
import { nearestName } from './nearest-name.js';

const MODULE_EXTENSIONS = ['.js', '.mjs'];

/** Throws BotError 10008 that names the file and what is wrong with it, or the names that exist. */
export async function loadStrategy(name: string, folder: string): Promise<Strategy> {
  const builtIn = strategyNamed(name);
  if (builtIn !== undefined) return builtIn;
  const files = await strategyFiles(folder);
  const file = files.find((candidate) => parse(candidate).name === name);
  if (file === undefined) throw unknownStrategy(name, files, folder);
  return strategyIn(join(folder, file), name);
}

/** A folder that does not exist holds no strategies. */
async function strategyFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => MODULE_EXTENSIONS.includes(parse(name).ext)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BotError(10008, `the strategy folder ${folder} cannot be read: ${reasonOf(error)}`, { fix: 'Check the folder and its permissions', cause: error });
  }
}

async function strategyIn(file: string, name: string): Promise<Strategy> {
  const exported = await exportedStrategy(file);
  const strategy = guardedStrategy(exported, file);
  if (strategy.name === name) return strategy;
  throw new BotError(10008, `${file}: the strategy calls itself "${strategy.name}", not "${name}"`, {
    fix: `Set its name to "${name}", or rename the file to ${strategy.name}${parse(file).ext}`,
  });
}

async function exportedStrategy(file: string): Promise<unknown> {
  const module = await imported(file);
  const exported = module['strategy'];
  if (exported === undefined) {
    throw new BotError(10008, `${file}: exports no \`strategy\``, { fix: 'Write `export const strategy = (kit) => ({ … })`, see docs/STRATEGIES.md' });
  }
  if (typeof exported !== 'function') return exported;
  try {
    return (exported as (kit: typeof STRATEGY_KIT) => unknown)(STRATEGY_KIT);
  } catch (error) {
    throw new BotError(10008, `${file}: making the strategy failed: ${reasonOf(error)}`, { cause: error });
  }
}

async function imported(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new BotError(10008, `${file}: cannot be loaded: ${reasonOf(error)}`, { fix: `Correct ${file}; it must be an ES module`, cause: error });
  }
}

function unknownStrategy(name: string, files: readonly string[], folder: string): BotError {
  const known = [...BUILT_IN_STRATEGIES.map((strategy) => strategy.name), ...files.map((file) => parse(file).name)];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"`;
  return new BotError(10008, `"${name}" is no known strategy${hint}. Known: ${known.join(', ')}`, {
    fix: `Name one of them in the configuration, or put ${name}.js into ${folder}`,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'an unknown reason';
}
