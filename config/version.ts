/**
 * A configuration as a version: what the file says, completed and in one spelling, named by its hash.
 *
 * Invariants
 * 1. Order and layout of the file's keys, and defaults that it leaves out or writes down, make no difference; the order of
 *    the strategies does, because they are asked in that order.
 * 2. Reading a version's document again gives the same version, as long as code and schema are the same.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ConfigurationVersion, OwnStrategyFile } from '../core/ports/configuration.js';
import type { ResolvedStrategies } from './resolve-strategies.js';
import { configurationSchema, PROCESS_SECTIONS, type ConfigurationDocument } from './schema.js';

type Plain = Record<string, unknown>;
type Entry = ResolvedStrategies['strategies'][number]['entry'];

export interface VersionedContent {
  version: ConfigurationVersion;
  /** the sections that are no part of a version, because only one process needs them */
  processSettings: Plain;
}

export function versionedContent(checked: ConfigurationDocument, entries: readonly Entry[]): VersionedContent {
  const written = z.encode(configurationSchema, checked) as Plain;
  const strategies = entries.map(({ name, enabled, writtenParameters }) => ({ name, enabled, parameters: writtenParameters }));
  const isOwn = (section: string): boolean => (PROCESS_SECTIONS as readonly string[]).includes(section);
  const sections = Object.entries({ ...written, strategies });
  const document = plainJson(Object.fromEntries(sections.filter(([name]) => !isOwn(name))));
  const strategyFiles = Object.fromEntries(entries.flatMap(({ name, file }): [string, OwnStrategyFile][] => (file === undefined ? [] : [[name, file]])));
  return {
    version: { hash: hashOf({ document, strategyFiles }), document, strategyFiles },
    processSettings: plainJson(Object.fromEntries(sections.filter(([name]) => isOwn(name)))),
  };
}

function hashOf(content: Pick<ConfigurationVersion, 'document' | 'strategyFiles'>): string {
  return createHash('sha256').update(canonicalText(content)).digest('hex');
}

/** JSON with the keys of every object in order. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (isPlainObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item));
}

function plainJson(value: Plain): Plain {
  return JSON.parse(canonicalText(value)) as Plain;
}

function isPlainObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
