/**
 * From a path to a configuration that can be traded with: read, parsed, judged by the schema, by the rules over several
 * fields and by each strategy's own schema. One function, one error with everything that is wrong.
 *
 * Invariants
 * 1. What is returned is complete and frozen, all the way down.
 * 2. Either a configuration or a `ConfigurationError`: nothing is half applied.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { documentRules, nameRule, symbolRule } from './business-rules.js';
import { checkAgainst, ConfigurationError, type Finding } from './findings.js';
import { JsonSyntaxError, parseJsonDocument } from './json-document.js';
import type { ConfigurationVersion } from '../core/ports/configuration.js';
import { resolveStrategies, type ResolvedStrategies, type StrategyEntry, type StrategySource } from './resolve-strategies.js';
import { configurationSchema, type ConfigurationDocument } from './schema.js';
import { versionedContent, type VersionedContent } from './version.js';

/** beside the configuration file: the user's own strategies, one module each */
const STRATEGY_FOLDER = 'strategies';

export interface Configuration extends Omit<ConfigurationDocument, 'strategies'>, VersionedContent {
  readonly path: string;
  /** disabled ones included, in the order of the file */
  readonly strategies: readonly StrategyEntry[];
}

/** Throws `ConfigurationError`: 10001 when the file cannot be read, 10002 for its content, 10008 for strategies alone. */
export async function loadConfiguration(path: string): Promise<Configuration> {
  return judged(parse(await read(path), path), { path, source: { folder: folderBeside(path) } });
}

/** A version that was accepted before, with the code that it was accepted with. Throws `ConfigurationError`. */
export async function configurationOf(version: ConfigurationVersion, path: string): Promise<Configuration> {
  return judged(version.document, { path, source: { folder: folderBeside(path), accepted: version.strategyFiles } });
}

function folderBeside(path: string): string {
  return join(dirname(path), STRATEGY_FOLDER);
}

async function judged(document: unknown, { path, source }: { path: string; source: StrategySource }): Promise<Configuration> {
  const checked = checkAgainst(configurationSchema, document);
  const resolved = await resolveStrategies(document, source);
  const formal = [...(checked.ok ? [] : checked.findings), ...documentRules(document)];
  const strategic = [...resolved.findings, ...crossStrategyRules(resolved.strategies)];
  if (!checked.ok || formal.length + strategic.length > 0) {
    throw new ConfigurationError(formal.length > 0 ? 10002 : 10008, path, [...formal, ...strategic]);
  }
  const strategies = resolved.strategies.map(({ entry }) => entry);
  return deepFreeze({ ...checked.value, ...versionedContent(checked.value, strategies), path, strategies });
}

function crossStrategyRules(strategies: ResolvedStrategies['strategies']): Finding[] {
  const named = strategies.map(({ field, entry: { name, symbol, enabled } }) => ({ field, name, symbol, enabled }));
  return [...nameRule(named), ...symbolRule(named.filter(({ enabled }) => enabled))];
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const finding = code === 'ENOENT'
      ? { field: '', problem: 'the file does not exist', fix: 'check the path, or start from config/default.json' }
      : { field: '', problem: `the file cannot be read (${code})`, fix: 'check that it is a file and that this user may read it' };
    throw new ConfigurationError(10001, path, [finding]);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return parseJsonDocument(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ConfigurationError(10002, path, [{ field: '', problem: error.message, fix: `correct line ${error.line}, column ${error.column}` }]);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
