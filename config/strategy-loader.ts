/**
 * Finds the strategy that a name in the configuration means: one of the built-in ones, or the ES module
 * `<folder>/<name>.js` (or `.mjs`) of the user, which exports `strategy`: the strategy itself, or a function that makes it
 * from the strategy kit. Runs where strategies are evaluated (the workers) and where the configuration is checked, never in
 * a workflow.
 *
 * Invariants
 * 1. Only files that the configuration names are executed.
 * 2. A built-in name cannot be taken over by a file.
 * 3. A changed file is a new module: what is executed is what the file holds now. Modules that it imports itself are the
 *    runtime's business and stay as they were first loaded.
 * 4. Messages name files as seen from the configuration, never the folders of this machine.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, parse, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BotError } from '../core/errors/bot-error.js';
import { guardedStrategy } from '../core/strategies/guarded-strategy.js';
import { BUILT_IN_STRATEGIES, strategyNamed } from '../core/strategies/registry.js';
import { STRATEGY_KIT } from '../core/strategies/strategy-kit.js';
import type { Strategy } from '../core/strategies/strategy.js';
import { nearestName } from './nearest-name.js';

const MODULE_EXTENSIONS = ['.js', '.mjs'];
/** how messages call the folder, wherever it lies */
const FOLDER_WORD = 'strategies';

/** A strategy's code, before it is executed. */
export interface FoundStrategy {
  /** of the user's own file; undefined for a built-in strategy */
  sha256: string | undefined;
  /** throws BotError 10008 that names the file and what is wrong with it */
  load(): Promise<Strategy>;
}

/** Throws BotError 10008 that says which names exist. */
export async function findStrategy(name: string, folder: string): Promise<FoundStrategy> {
  const builtIn = strategyNamed(name);
  if (builtIn !== undefined) return { sha256: undefined, load: () => Promise.resolve(builtIn) };
  const files = await strategyFiles(folder);
  const file = files.find((candidate) => parse(candidate).name === name);
  if (file === undefined) throw unknownStrategy(name, files);
  const module = { folder, file, sha256: await digestOf(folder, file) };
  return { sha256: module.sha256, load: () => strategyIn(module, name) };
}

export async function loadStrategy(name: string, folder: string): Promise<Strategy> {
  return (await findStrategy(name, folder)).load();
}

interface StrategyModule {
  folder: string;
  file: string;
  sha256: string;
}

async function digestOf(folder: string, file: string): Promise<string> {
  try {
    return createHash('sha256').update(await readFile(join(folder, file))).digest('hex');
  } catch (error) {
    throw new BotError(10008, `${shown(file)}: cannot be read: ${reasonOf(error, folder)}`, { fix: `Check ${shown(file)} and its permissions`, cause: error });
  }
}

function shown(file: string): string {
  return `${FOLDER_WORD}/${file}`;
}

/** A folder that does not exist holds no strategies. */
async function strategyFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => MODULE_EXTENSIONS.includes(parse(name).ext)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BotError(10008, `the folder ${FOLDER_WORD} beside the configuration cannot be read: ${reasonOf(error, folder)}`, { fix: 'Check the folder and its permissions', cause: error });
  }
}

async function strategyIn(module: StrategyModule, name: string): Promise<Strategy> {
  const file = shown(module.file);
  const exported = await exportedStrategy(module);
  const strategy = guardedStrategy(exported, file);
  if (strategy.name === name) return strategy;
  throw new BotError(10008, `${file}: the strategy calls itself "${strategy.name}", not "${name}"`, {
    fix: `Set its name to "${name}", or rename the file to ${strategy.name}${parse(file).ext}`,
  });
}

async function exportedStrategy(module: StrategyModule): Promise<unknown> {
  const file = shown(module.file);
  const { strategy: exported } = await imported(module);
  if (exported === undefined) {
    throw new BotError(10008, `${file}: exports no \`strategy\``, { fix: 'Write `export const strategy = (kit) => ({ … })`, see docs/STRATEGIES.md' });
  }
  if (typeof exported !== 'function') return exported;
  try {
    return (exported as (kit: typeof STRATEGY_KIT) => unknown)(STRATEGY_KIT);
  } catch (error) {
    throw new BotError(10008, `${file}: making the strategy failed: ${reasonOf(error, module.folder)}`, { cause: error });
  }
}

/** The runtime keeps modules by their address: the digest in it makes changed content another module. */
async function imported({ folder, file, sha256 }: StrategyModule): Promise<Record<string, unknown>> {
  try {
    return (await import(`${pathToFileURL(join(folder, file)).href}?sha256=${sha256}`)) as Record<string, unknown>;
  } catch (error) {
    throw new BotError(10008, `${shown(file)}: cannot be loaded: ${reasonOf(error, folder)}`, { fix: `Correct ${shown(file)}; it must be an ES module`, cause: error });
  }
}

function unknownStrategy(name: string, files: readonly string[]): BotError {
  const known = [...BUILT_IN_STRATEGIES.map((strategy) => strategy.name), ...files.map((file) => parse(file).name)];
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"`;
  return new BotError(10008, `"${name}" is no known strategy${hint}. Known: ${known.join(', ')}`, {
    fix: `Name one of them in the configuration, or put ${name}.js into the folder ${FOLDER_WORD} beside the configuration file`,
  });
}

/** Errors of the runtime name whole paths. */
function reasonOf(error: unknown, folder: string): string {
  const whole = resolve(folder);
  return error instanceof Error ? error.message.replaceAll(whole, FOLDER_WORD).replaceAll(dirname(whole), '.') : 'an unknown reason';
}
