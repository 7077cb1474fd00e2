/**
 * The `strategies` of a configuration document, each with the code that bears its name and with parameters judged and
 * completed by that strategy's own schema.
 */
import { z } from 'zod';
import { isBotError } from '../core/errors/bot-error.js';
import { configureStrategy, type ConfiguredStrategy } from '../core/strategies/configured-strategy.js';
import { checkAgainst, type Finding } from './findings.js';
import { loadStrategy } from './strategy-loader.js';

interface WrittenStrategy {
  name: string;
  enabled: boolean;
  parameters?: unknown;
}

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

/**
 * Takes the document as it stands in the file: entries of a wrong shape are the schema's business and passed over here.
 * `folder` holds the user's own strategies.
 */
export async function resolveStrategies(document: unknown, folder: string): Promise<ResolvedStrategies> {
  const read = entries.safeParse(document);
  const resolved: ResolvedStrategies = { strategies: [], findings: [] };
  if (!read.success) return resolved;
  for (const [index, written] of read.data.strategies.entries()) {
    if (written === null) continue;
    const outcome = await resolveOne(written, { index, folder });
    if (Array.isArray(outcome)) resolved.findings.push(...outcome);
    else resolved.strategies.push({ field: `strategies[${index}]`, entry: outcome });
  }
  return resolved;
}

/** Disabled strategies are judged, too: enabling one later must not bring up an error that was there all the time. */
async function resolveOne({ name, enabled, parameters = {} }: WrittenStrategy, { index, folder }: { index: number; folder: string }): Promise<StrategyEntry | Finding[]> {
  try {
    const strategy = await loadStrategy(name, folder);
    const checked = checkAgainst(strategy.parametersSchema, parameters, ['strategies', index, 'parameters']);
    return checked.ok ? { ...configureStrategy(strategy, parameters), enabled } : checked.findings;
  } catch (error) {
    if (!isBotError(error)) throw error;
    return [{ field: `strategies[${index}]`, problem: `cannot be used: ${error.message}`, fix: error.fix }];
  }
}
