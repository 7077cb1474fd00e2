/** `POST /api/v1/strategies/restart` and `/strategies/{name}/enable|disable`. */
import { z } from 'zod';
import { isBotError } from '../../core/errors/bot-error.js';
import type { ApiDependencies } from '../api-dependencies.js';
import type { BotClient } from '../bot-client.js';
import { defineOrder } from '../order-command.js';
import { RefusedRequest } from '../problem.js';
import { NOTHING, type Route } from '../route.js';

const NAME_LENGTH_MAX = 64;
const nameField = z.string().min(1).max(NAME_LENGTH_MAX).meta({ description: `name of a configured strategy, 1 to ${NAME_LENGTH_MAX} characters` });

export function restartStrategiesRoute(dependencies: ApiDependencies): Route {
  return defineOrder({
    path: '/api/v1/strategies/restart',
    summary: 'Read the candles of one strategy, or of all, anew and evaluate it at the next candle',
    role: 'operator',
    what: 'strategies.restart',
    body: z.strictObject({ strategy_name: nameField.optional() }),
    order: async ({ body: { strategy_name: name } }) => {
      if (name !== undefined) await refuseUnknown(name, dependencies.bot);
      return { verb: 'restart_strategies', strategies: name === undefined ? [] : [name] };
    },
  }, dependencies);
}

const SUMMARY = { enable: 'Let a strategy enter again', disable: 'No more entries of a strategy; exits go on' } as const;

export function switchStrategyRoute(verb: 'enable' | 'disable', dependencies: ApiDependencies): Route {
  return defineOrder({
    path: `/api/v1/strategies/{name}/${verb}`,
    summary: SUMMARY[verb],
    role: 'operator',
    what: `strategies.${verb}`,
    params: z.strictObject({ name: nameField }),
    body: NOTHING,
    order: async ({ params: { name } }) => {
      await refuseUnknown(name, dependencies.bot);
      return { verb: verb === 'enable' ? 'enable_strategy' : 'disable_strategy', strategy: name };
    },
  }, dependencies);
}

/** A bot that does not answer judges the name itself, when it takes the order up. */
async function refuseUnknown(name: string, bot: BotClient): Promise<void> {
  const known = await knownNames(bot);
  if (known.length === 0 || known.includes(name)) return;
  throw new RefusedRequest(404, `there is no strategy ${JSON.stringify(name)}; there are ${known.join(', ')}`, { fix: `give one of ${known.join(', ')}` });
}

async function knownNames(bot: BotClient): Promise<string[]> {
  try {
    return (await bot.strategies()).map(({ name }) => name);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return [];
  }
}
