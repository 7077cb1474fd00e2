/**
 * What differs between two versions of the configuration, field by field, and what that means for a bot that runs.
 *
 * Invariants
 * 1. A field that no reload can apply is named as such; everything unknown counts as needing a restart.
 * 2. Strategies are told apart by name, so moving one up or down is one change and not a change of all.
 */
import type { ConfigurationVersion } from '../ports/configuration.js';

export interface ConfigurationChange {
  /** as `trading.max_positions`, `strategies.my_strategy.parameters.symbol` */
  field: string;
  /** null: was not there */
  before: unknown;
  /** null: is not there any more */
  after: unknown;
}

type Plain = Record<string, unknown>;

/** Fields, and sections with all their fields, that a running bot takes over. docs/CONFIGURATION.md says the same. */
const RELOADABLE = ['trading', 'strategies', 'feed', 'exchange.taker_fee_rate'] as const;

export function isReloadable(field: string): boolean {
  return RELOADABLE.some((known) => field === known || field.startsWith(`${known}.`));
}

export function changesBetween(before: ConfigurationVersion, after: ConfigurationVersion): ConfigurationChange[] {
  return [...sectionChanges(before.document, after.document), ...strategyChanges(before, after)];
}

/** Changes between any two sets of sections, `strategies` left out. */
export function sectionChanges(before: Plain, after: Plain): ConfigurationChange[] {
  return differences(leaves(withoutStrategies(before)), leaves(withoutStrategies(after)));
}

function strategyChanges(before: ConfigurationVersion, after: ConfigurationVersion): ConfigurationChange[] {
  const [old, fresh] = [strategiesOf(before), strategiesOf(after)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  const each = names.flatMap((name): ConfigurationChange[] => {
    const [was, is] = [old.get(name), fresh.get(name)];
    if (!was || !is) return [{ field: `strategies.${name}`, before: was ?? null, after: is ?? null }];
    return differences(leaves(was, `strategies.${name}`), leaves(is, `strategies.${name}`));
  });
  return [...each, ...orderChange([...old.keys()], [...fresh.keys()])];
}

/** Strategies are asked in the order of the file: the first one gets the room that is left. */
function orderChange(before: readonly string[], after: readonly string[]): ConfigurationChange[] {
  const stayed = (names: readonly string[], others: readonly string[]): string[] => names.filter((name) => others.includes(name));
  const [was, is] = [stayed(before, after), stayed(after, before)];
  return isSame(was, is) ? [] : [{ field: 'strategies', before: was, after: is }];
}

interface WrittenStrategy extends Plain {
  name: string;
  enabled: boolean;
  parameters: Plain;
}

/** By name, in the order of the document, each with the digest of its file when it is the user's own. */
export function strategiesOf({ document, strategyFiles }: ConfigurationVersion): Map<string, Plain> {
  const written = document['strategies'] as WrittenStrategy[];
  return new Map(written.map(({ name, enabled, parameters }) => {
    const file = strategyFiles[name];
    return [name, { enabled, parameters, ...(file === undefined ? {} : { file_sha256: file.sha256 }) }];
  }));
}

function withoutStrategies({ strategies: _strategies, ...others }: Plain): Plain {
  return others;
}

function differences(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): ConfigurationChange[] {
  const fields = [...new Set([...before.keys(), ...after.keys()])];
  return fields.flatMap((field) => {
    const change = { field, before: before.get(field) ?? null, after: after.get(field) ?? null };
    return isSame(change.before, change.after) ? [] : [change];
  });
}

/** Every value that is no object, by its path. */
function leaves(value: Plain, at = ''): Map<string, unknown> {
  return new Map(Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
    const field = at === '' ? name : `${at}.${name}`;
    const isSection = typeof item === 'object' && item !== null && !Array.isArray(item);
    return isSection ? [...leaves(item as Plain, field)] : [[field, item]];
  }));
}

/** Versions are in one spelling, so equal values have equal texts. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
