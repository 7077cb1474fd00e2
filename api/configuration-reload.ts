/**
 * Takes the configuration file over into the running bot.
 *
 * Invariants
 * 1. A file with anything wrong in it changes nothing, and everything that is wrong is said at once.
 * 2. The version stands in the ledger before the bot is told its name, so whichever worker decides next finds it.
 * 3. It counts as accepted only once the bot has the word: repeating a reload that was cut off anywhere completes it.
 */
import { BotError } from '../core/errors/bot-error.js';
import { judgeReload, type ReloadJudgement } from '../core/configuration/judge-reload.js';
import {
  CONFIGURATION_STATE, configurationVersionState,
  type AcceptedConfiguration, type ConfigurationFile, type ConfigurationReading, type ConfigurationVersion,
} from '../core/ports/configuration.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { ApiDependencies } from './api-dependencies.js';
import type { CommandOutcome } from './bot-client.js';
import { RefusedRequest } from './problem.js';

type ReloadDependencies = Pick<ApiDependencies, 'bot' | 'clock' | 'configuration'> & { ledger: Ledger };

export interface ReloadOrder {
  requestId: string;
  reason: string;
  actor: string;
  dryRun: boolean;
}

export interface Reload extends Pick<ReloadJudgement, 'changes' | 'warnings'> {
  before: string;
  after: string;
  /** undefined: nothing was sent, because nothing changed or because it was a dry run */
  sent: CommandOutcome | undefined;
}

/** Rejects with `RefusedRequest` (400) that lists every finding. */
export async function reloadConfiguration(dependencies: ReloadDependencies, order: ReloadOrder): Promise<Reload> {
  const { configuration: file, ledger } = dependencies;
  const { version, processSettings } = validOf(await file.read());
  const accepted = await acceptedConfiguration(ledger);
  const openTrades = await ledger.openTrades();
  const judgement = judgeReload({ before: accepted, after: version, processSettings: { before: file.processSettings, after: processSettings }, openTrades });
  if (judgement.findings.length > 0) throw refusal(10002, judgement.findings);
  const outcome = { changes: redacted(judgement.changes, file), warnings: judgement.warnings, before: accepted.hash, after: version.hash };
  const isOutdated = version.hash !== accepted.hash;
  return { ...outcome, sent: isOutdated && !order.dryRun ? await apply(dependencies, version, order) : undefined };
}

/** The newest version that was accepted; rejects with 40001 while there is none. */
export async function acceptedConfiguration(ledger: Ledger): Promise<AcceptedConfiguration> {
  const accepted = await ledger.state(CONFIGURATION_STATE);
  if (accepted === null) throw new BotError(40001, 'no configuration has been accepted yet', { fix: 'wait until the trading worker has started; GET /health says what is missing' });
  return accepted as unknown as AcceptedConfiguration;
}

async function apply({ bot, ledger, clock }: ReloadDependencies, version: ConfigurationVersion, { requestId, reason, actor }: ReloadOrder): Promise<CommandOutcome> {
  await ledger.saveState(configurationVersionState(version.hash), { ...version });
  const sent = await bot.order({ verb: 'reconfigure', configurationHash: version.hash, requestId, reason, actor });
  await ledger.saveState(CONFIGURATION_STATE, { ...version, acceptedAtMs: clock(), acceptedBy: 'reload' });
  return sent;
}

function validOf(reading: ConfigurationReading): Extract<ConfigurationReading, { kind: 'valid' }> {
  if (reading.kind === 'wrong') throw refusal(reading.code, reading.findings);
  return reading;
}

type Findings = Extract<ConfigurationReading, { kind: 'wrong' }>['findings'];

function refusal(code: BotError['code'], findings: Findings): RefusedRequest {
  const words = findings.map(({ field, problem }) => (field === '' ? problem : `${field} ${problem}`)).join('; ');
  return new RefusedRequest(400, `the configuration stays as it is: ${words}`, { code, fields: findings, fix: findings.map(({ fix }) => fix).join('; ') });
}

function redacted(changes: ReloadJudgement['changes'], file: ConfigurationFile): ReloadJudgement['changes'] {
  return changes.map(({ field, before, after }) => {
    const name = field.split('.').at(-1) ?? field;
    return { field, before: file.redact({ [name]: before })[name], after: file.redact({ [name]: after })[name] };
  });
}
