/**
 * The `strategies` of a configuration document, each with the code that bears its name and with parameters judged and
 * completed by that strategy's own schema.
 */
import { z } from 'zod';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import type { OwnStrategyFile, StrategyInConfiguration } from '../core/ports/configuration.js';
import { configureStrategy } from '../core/strategies/configured-strategy.js';
import type { Strategy } from '../core/strategies/strategy.js';
import { checkAgainst, type Finding } from './findings.js';
import { findStrategy } from './strategy-loader.js';

interface WrittenStrategy {
  name: string;
  enabled: boolean;
  parameters?: unknown;
}

export interface StrategyEntry extends StrategyInConfiguration {
  /** the parameters as a file may say them: complete where reading them again gives the same */
  writtenParameters: unknown;
  /** of a strategy of the user's own */
  file: OwnStrategyFile | undefined;
}

export interface ResolvedStrategies {
  /** those that could be resolved, with their place in the file */
  strategies: { field: string; entry: StrategyEntry }[];
  findings: Finding[];
}

/** Where the code of strategies comes from. */
export interface StrategySource {
  /** holds the user's own strategies */
  folder: string;
  /**
   * of a version that was accepted before, by name: only files of this content are executed, and a strategy that cannot be
   * had any more is an entry whose evaluation says so. Absent: the files as they are now.
   */
  accepted?: Readonly<Record<string, OwnStrategyFile>>;
}

const entries = z.object({
  strategies: z.array(z.object({ name: z.string(), enabled: z.boolean().catch(true), parameters: z.unknown().optional() }).nullable().catch(null)),
});

/** Takes the document as it stands in the file: entries of a wrong shape are the schema's business and passed over here. */
export async function resolveStrategies(document: unknown, source: StrategySource): Promise<ResolvedStrategies> {
  const read = entries.safeParse(document);
  const resolved: ResolvedStrategies = { strategies: [], findings: [] };
  if (!read.success) return resolved;
  for (const [index, written] of read.data.strategies.entries()) {
    if (written === null) continue;
    const outcome = await resolveOne(written, { index, source });
    if (Array.isArray(outcome)) resolved.findings.push(...outcome);
    else resolved.strategies.push({ field: `strategies[${index}]`, entry: outcome });
  }
  return resolved;
}

/** Disabled strategies are judged, too: enabling one later must not bring up an error that was there all the time. */
async function resolveOne(written: WrittenStrategy, { index, source }: { index: number; source: StrategySource }): Promise<StrategyEntry | Finding[]> {
  const accepted = source.accepted?.[written.name];
  try {
    const { strategy, sha256 } = await codeOf(written.name, source.folder, accepted);
    const parameters = written.parameters ?? {};
    const checked = checkAgainst(strategy.parametersSchema, parameters, ['strategies', index, 'parameters']);
    return checked.ok ? configured(strategy, { written, parameters, sha256 }) : checked.findings;
  } catch (cause) {
    const error = asRefusal(written.name, cause);
    if (accepted !== undefined) return unusable(written, { accepted, error });
    return [{ field: `strategies[${index}]`, problem: `cannot be used: ${error.message}`, fix: error.fix }];
  }
}

/** Code of the user's own may throw anything, also where it only judges its parameters. */
function asRefusal(name: string, cause: unknown): BotError {
  if (isBotError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : 'it threw something that is no error';
  return new BotError(10008, `${name} fails on these parameters: ${reason}`, { fix: `correct the parameters or the code of ${name}`, cause });
}

async function codeOf(name: string, folder: string, accepted: OwnStrategyFile | undefined): Promise<{ strategy: Strategy; sha256: string | undefined }> {
  const { sha256, load } = await findStrategy(name, folder);
  if (accepted !== undefined && sha256 !== accepted.sha256) {
    throw new BotError(10008, `the file of ${name} has changed since it was accepted`, { fix: 'reload the configuration (POST /api/v1/config/reload) to accept it as it is now' });
  }
  return { strategy: await load(), sha256 };
}

function configured(strategy: Strategy, { written, parameters, sha256 }: { written: WrittenStrategy; parameters: unknown; sha256: string | undefined }): StrategyEntry {
  const ready = configureStrategy(strategy, parameters);
  const again = strategy.parametersSchema.safeParse(ready.parameters);
  const isSettled = again.success && JSON.stringify(again.data) === JSON.stringify(ready.parameters);
  const file = sha256 === undefined ? undefined : { sha256, symbol: ready.symbol, interval: ready.interval };
  return { ...ready, enabled: written.enabled, writtenParameters: isSettled ? ready.parameters : parameters, file };
}

/** Its candles are followed and its trade is kept; what it would do with them cannot be known. */
function unusable(written: WrittenStrategy, { accepted, error }: { accepted: OwnStrategyFile; error: BotError }): StrategyEntry {
  const parameters = (written.parameters ?? {}) as Record<string, unknown>;
  const { symbol, interval } = accepted;
  const evaluate = (): never => { throw error; };
  return { name: written.name, enabled: written.enabled, symbol, interval, warmUp: 1, parameters, writtenParameters: parameters, file: accepted, evaluate, unfit: error };
}
