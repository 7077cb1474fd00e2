/**
 * Rules that concern several fields at once. They are judged also when other fields are wrong, so that every finding
 * comes in the first run: each rule reads only what it needs and says nothing when that is missing.
 * Source: the maintenance guide, "Configuration Validation", `validate_business_rules`.
 */
import { z } from 'zod';
import type { Finding } from './findings.js';

const LOSS_TO_SIZE_MAX = 5;

const relevant = z.object({
  trading: z.object({
    max_position_size: z.number().optional().catch(undefined),
    daily_loss_limit: z.number().optional().catch(undefined),
    position_size_unit: z.unknown().optional(),
  }).catch({}),
  strategies: z.array(z.object({ enabled: z.boolean().optional().catch(undefined) }).catch({})).optional().catch(undefined),
});

/** Findings in the document as it stands in the file, before or after it has passed the schema. */
export function documentRules(document: unknown): Finding[] {
  const read = relevant.safeParse(document);
  return read.success ? [...lossLimitRule(read.data.trading), ...enabledRule(read.data.strategies)] : [];
}

/** `daily_loss_limit` is a percentage; it can be compared with a position size only where that is one, too. */
function lossLimitRule(trading: z.output<typeof relevant>['trading']): Finding[] {
  const { max_position_size: size, daily_loss_limit: loss, position_size_unit: unit } = trading;
  if (size === undefined || loss === undefined || (unit !== undefined && unit !== 'percent')) return [];
  if (loss <= size * LOSS_TO_SIZE_MAX) return [];
  return [{
    field: 'trading.daily_loss_limit',
    problem: `should not exceed ${LOSS_TO_SIZE_MAX} times trading.max_position_size (${loss} is more than ${LOSS_TO_SIZE_MAX} times ${size})`,
    fix: 'lower trading.daily_loss_limit or raise trading.max_position_size',
  }];
}

function enabledRule(strategies: readonly { enabled?: boolean | undefined }[] | undefined): Finding[] {
  if (strategies === undefined || strategies.some(({ enabled }) => enabled !== false)) return [];
  return [{ field: 'strategies', problem: 'has no enabled strategy; at least one must be enabled', fix: 'set "enabled": true for at least one of strategies' }];
}

/** One position per symbol: two enabled strategies on one symbol would trade against each other. */
export function symbolRule(enabled: readonly { field: string; name: string; symbol: string }[]): Finding[] {
  return enabled.flatMap(({ field, name, symbol }, index) => {
    const first = enabled.slice(0, index).find((other) => other.symbol === symbol);
    if (first === undefined) return [];
    return [{ field, problem: `targets ${symbol}, as ${first.field} (${first.name}) does already`, fix: `disable ${name} or ${first.name}, or give one of them another symbol` }];
  });
}

/** A strategy's name is its identity in the ledger. */
export function nameRule(strategies: readonly { field: string; name: string }[]): Finding[] {
  return strategies.flatMap(({ field, name }, index) => {
    const first = strategies.slice(0, index).find((other) => other.name === name);
    return first === undefined ? [] : [{ field, problem: `repeats the name "${name}" of ${first.field}`, fix: `remove one of the two entries named ${name}` }];
  });
}
