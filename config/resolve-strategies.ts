/**
 * The `strategies` of a configuration document, each with the code that bears its name and with parameters judged and
 * completed by that strategy's own schema.
 */
import { z } from 'zod';
import { configureStrategy, type ConfiguredStrategy } from '../core/strategies/configured-strategy.js';
import { BUILT_IN_STRATEGIES, strategyNamed } from '../core/strategies/registry.js';
import { checkAgainst, type Finding } from './findings.js';
import { nearestName } from './nearest-name.js';

export interface StrategyEntry extends ConfiguredStrategy {
  enabled: boolean;
}

export interface ResolvedStrategies {
  /** those that could be resolved, with their place in the file */
  strategies: { field: string; entry: StrategyEntry }[];
  findings: Finding[];
}

const entries = z.object({
  strategies: z.array(z.object({ name: z.string(), enabled: z.boolean().catch(true), parameters: z.unknown().optional() }).nullable().catch(null)),
});

/** Takes the document as it stands in the file: entries of a wrong shape are the schema's business and passed over here. */
export function resolveStrategies(document: unknown): ResolvedStrategies {
  const read = entries.safeParse(document);
  const resolved: ResolvedStrategies = { strategies: [], findings: [] };
  if (!read.success) return resolved;
  for (const [index, entry] of read.data.strategies.entries()) {
    if (entry === null) continue;
    const outcome = resolveOne(entry, index);
    if (Array.isArray(outcome)) resolved.findings.push(...outcome);
    else resolved.strategies.push({ field: `strategies[${index}]`, entry: outcome });
  }
  return resolved;
}

/** Disabled strategies are judged, too: enabling one later must not bring up an error that was there all the time. */
function resolveOne({ name, enabled, parameters = {} }: { name: string; enabled: boolean; parameters?: unknown }, index: number): StrategyEntry | Finding[] {
  const strategy = strategyNamed(name);
  if (strategy === undefined) return [unknownStrategy(name, index)];
  const checked = checkAgainst(strategy.parametersSchema, parameters, ['strategies', index, 'parameters']);
  return checked.ok ? { ...configureStrategy(strategy, parameters), enabled } : checked.findings;
}

function unknownStrategy(name: string, index: number): Finding {
  const known = BUILT_IN_STRATEGIES.map((strategy) => strategy.name);
  const nearest = nearestName(name, known);
  const field = `strategies[${index}].name`;
  const hint = nearest === undefined ? `known: ${known.join(', ')}` : `did you mean "${nearest}"?`;
  return { field, problem: `"${name}" is no known strategy; ${hint}`, fix: nearest === undefined ? `set ${field} to one of ${known.join(', ')}` : `set ${field} to "${nearest}"` };
}
