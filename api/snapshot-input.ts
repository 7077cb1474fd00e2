/**
 * The parts of a snapshot, asked all at once, each within its own time: a part that does not answer becomes the reason why
 * and keeps no other part waiting.
 */
import { isBotError } from '../core/errors/bot-error.js';
import { CONFIGURATION_STATE } from '../core/ports/configuration.js';
import { BOT_STATE_NAME } from '../core/ports/bot-memory.js';
import type { SnapshotInput, SnapshotPart } from '../core/snapshot/snapshot.js';
import type { BotOverview } from '../workflows/messages.js';
import type { ApiDependencies } from './api-dependencies.js';
import { withinLimit } from './time-limit.js';

const PART_TIMEOUT_MS = 2_500;

type Read = Pick<SnapshotInput, 'parts' | 'configurationHash' | 'decidedThrough'>;

export type SnapshotSources = Pick<ApiDependencies, 'bot' | 'ledger' | 'latch' | 'probes' | 'configuration'>;

export async function readSnapshotParts(dependencies: SnapshotSources): Promise<Read> {
  const beforeMs = await decidedThrough(dependencies);
  const parts = await askAll(dependencies);
  const afterMs = await decidedThrough(dependencies);
  return { parts, configurationHash: hashOf(parts), decidedThrough: { beforeMs, afterMs } };
}

async function askAll({ bot, ledger, latch, probes, configuration }: SnapshotSources): Promise<SnapshotInput['parts']> {
  const [emergencyLatch, overview, openTrades, positions, wallet, decision, memory, accepted, dependencies] = await Promise.all([
    part('the emergency latch', () => latch.read()),
    part('the bot', () => bot.overview()),
    part('the ledger', async () => (await ledger()).openTrades()),
    part('the ledger', async () => (await ledger()).positions()),
    part('the ledger', async () => (await ledger()).latestWallet()),
    part('the ledger', async () => (await ledger()).latestDecision()),
    part('the ledger', async () => (await ledger()).state(BOT_STATE_NAME)),
    part('the ledger', async () => (await ledger()).state(CONFIGURATION_STATE)),
    Promise.all(probes.map(async (probe) => ({ name: probe.name, ...valueOf(await part(probe.name, () => probe.check())) }))),
  ]);
  return {
    emergency_latch: emergencyLatch,
    bot: fieldOf(overview, 'status'), risk: fieldOf(overview, 'risk'), strategies: fieldOf(overview, 'strategies'), internal_state: fieldOf(overview, 'internalState'),
    open_trades: openTrades, positions, wallet, last_decision: decision, bot_memory: memory,
    configuration: isPresent(accepted) ? accepted : await part('the configuration file', () => fromFile(configuration)),
    dependencies: { kind: 'known', value: dependencies },
  };
}

/** One of the views that the bot gave of the same instant. */
function fieldOf(overview: SnapshotPart, name: keyof BotOverview): SnapshotPart {
  return overview.kind === 'missing' ? overview : { kind: 'known', value: (overview.value as BotOverview)[name] };
}

async function part(what: string, read: () => Promise<unknown>): Promise<SnapshotPart> {
  try {
    return { kind: 'known', value: await withinLimit(read(), { what, limitMs: PART_TIMEOUT_MS }) };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { kind: 'missing', because: `${error.code} ${error.message}` };
  }
}

function isPresent(found: SnapshotPart): boolean {
  return found.kind === 'known' && found.value !== null;
}

function valueOf(found: SnapshotPart): { finding: unknown } {
  return { finding: found.kind === 'known' ? found.value : { state: 'down', detail: found.because } };
}

/** What the file says now, which need not be what the bot decides with: the part says where it comes from. */
async function fromFile(configuration: ApiDependencies['configuration']): Promise<unknown> {
  const reading = await configuration.read();
  return reading.kind === 'valid' ? { from: 'file', hash: reading.version.hash, document: reading.version.document } : { from: 'file', findings: reading.findings };
}

/** The version that the workflow names; before it names one, the one that the ledger holds as accepted. */
function hashOf({ internal_state: internal, bot_memory: memory, configuration }: SnapshotInput['parts']): string | null {
  return textField(internal, 'configurationHash') ?? textField(memory, 'configurationHash') ?? textField(configuration, 'hash');
}

function textField(found: SnapshotPart, name: string): string | null {
  if (found.kind === 'missing' || typeof found.value !== 'object' || found.value === null) return null;
  const value: unknown = Object.entries(found.value).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : null;
}

/** exchange ms; null: nobody can say */
async function decidedThrough({ bot, ledger }: SnapshotSources): Promise<number | null> {
  const said = await part('the bot', async () => (await bot.status()).decidedThroughMs);
  if (said.kind === 'known') return Number(said.value);
  const recorded = await part('the ledger', async () => (await ledger()).decidedThroughMs());
  return recorded.kind === 'known' ? Number(recorded.value) : null;
}
