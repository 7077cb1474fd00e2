/** `GET /api/v1/config` and `POST /api/v1/config/reload`: what the bot trades with, and how that changes without a restart. */
import { z } from 'zod';
import type { ApiDependencies } from '../api-dependencies.js';
import { commandProvenance, defineCommand } from '../command.js';
import { acceptedConfiguration, reloadConfiguration, type Reload } from '../configuration-reload.js';
import { defineRoute, NOTHING, type Reply, type Route } from '../route.js';
import { instant, iso, provenance } from '../wire.js';

const hashText = z.string().regex(/^[0-9a-f]{64}$/).meta({ description: 'sha256 of the configuration with every default filled in' });

export const configSchema = z.object({
  ...provenance,
  hash: hashText,
  accepted_at: instant,
  accepted_by: z.enum(['start', 'reload']).meta({ description: 'start: read by the trading worker at its start · reload: asked for by an operator' }),
  decides_with: z.string().nullable().meta({ description: 'hash that the bot decides with from its next candle on; null while it does not answer, or has not decided yet' }),
  configuration: z.record(z.string(), z.unknown()).meta({ description: 'as the file would say it, with every default; sections of single processes as the API started with them; see docs/CONFIGURATION.md' }),
  strategy_files: z.record(z.string(), z.string()).meta({ description: 'sha256 of the file of each strategy of your own' }),
}).meta({ id: 'Configuration' });

export function configRoute({ ledger: open, bot, configuration }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/config',
    summary: 'The configuration in force, without secrets',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: configSchema,
    statuses: { 200: 'The configuration' },
    handle: async () => {
      const [accepted, state] = await Promise.all([acceptedConfiguration(await open()), bot.internalState().catch(() => undefined)]);
      const named = state?.['configurationHash'];
      const body = {
        as_of: iso(accepted.acceptedAtMs),
        source: 'ledger' as const,
        hash: accepted.hash,
        accepted_at: iso(accepted.acceptedAtMs),
        accepted_by: accepted.acceptedBy,
        decides_with: typeof named === 'string' ? named : null,
        configuration: configuration.redact({ ...accepted.document, ...configuration.processSettings }),
        strategy_files: Object.fromEntries(Object.entries(accepted.strategyFiles).map(([name, { sha256 }]) => [name, sha256])),
      };
      return { status: 200, body };
    },
  });
}

const anything = z.unknown().meta({ description: 'null: not there' });

export const reloadReplySchema = z.object({
  ...commandProvenance,
  hash: hashText.meta({ description: 'of the file' }),
  previous_hash: hashText,
  applied: z.boolean().meta({ description: 'false: a dry run, or nothing changed' }),
  changes: z.array(z.object({ field: z.string(), before: anything, after: anything })),
  warnings: z.array(z.string()),
  detail: z.string(),
}).meta({ id: 'ConfigurationReload' });

type ReloadReply = Omit<z.output<typeof reloadReplySchema>, keyof typeof commandProvenance>;

const reloadBody = z.strictObject({
  dry_run: z.boolean().optional().meta({ description: 'true: say what would change, and change nothing' }),
});

export function configReloadRoute(dependencies: ApiDependencies): Route {
  return defineCommand({
    path: '/api/v1/config/reload',
    summary: 'Take the configuration file over without a restart',
    role: 'admin',
    body: reloadBody,
    reply: reloadReplySchema,
    statuses: { 200: 'Taken over, or nothing to take over', 202: 'No worker answers now: it is taken over when one does' },
    what: 'config.reload',
    source: 'api',
    run: async ({ body, requestId, reason, actor }) => {
      const ledger = await dependencies.ledger();
      const order = { requestId, reason, actor, dryRun: body.dry_run ?? false };
      return answer(await reloadConfiguration({ ...dependencies, ledger }, order), order.dryRun);
    },
  }, dependencies);
}

function answer(reload: Reload, dryRun: boolean): Reply<ReloadReply> & { outcome: string } {
  const { sent, before, after, changes, warnings } = reload;
  const { detail, outcome } = wordsFor(reload, dryRun);
  return {
    status: sent?.kind === 'queued' ? 202 : 200,
    body: { hash: after, previous_hash: before, applied: sent !== undefined, changes, warnings, detail },
    outcome,
  };
}

function wordsFor({ sent, before, after, changes }: Reload, dryRun: boolean): { detail: string; outcome: string } {
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  if (sent?.kind === 'queued') return { detail: `${count}; no trading worker answers now, it takes effect as soon as one is back`, outcome: 'queued' };
  if (sent) return { detail: `${count}, in force from the next candle on`, outcome: `${count}: ${before} to ${after}` };
  if (before === after) return { detail: 'the file says what is in force already', outcome: 'nothing changed' };
  return { detail: `${count} would be made${dryRun ? '; this was a dry run' : ''}`, outcome: `dry run: ${count}` };
}
