/** Causes that concern the bot as a whole: parts that are away, the emergency stop, an operator's will, disagreement. */
import type { BotFacts, DiagnosisInput, MissingPart } from './facts.js';
import type { DiagnosisFinding } from './finding.js';
import { curlOf } from './remedy.js';

export function botFindings(input: DiagnosisInput): DiagnosisFinding[] {
  const { apiUrl, bot, risk } = input;
  return [
    ...input.missing.map((part) => missingPart(part, apiUrl)),
    ...(risk?.halt ? [halted(risk.halt, apiUrl)] : []),
    ...(bot ? [...lifecycle(bot, { apiUrl, limitHit: risk !== null && (risk.dailyLossLimitHit || risk.maxDrawdownHit) }), ...disagreement(bot, apiUrl)] : []),
  ];
}

const forAll = { weight: 'blocking', code: null, strategies: [] } satisfies Partial<DiagnosisFinding>;

function missingPart({ name, detail }: MissingPart, apiUrl: string): DiagnosisFinding {
  return {
    ...forAll, cause: 'dependency', message: `${name.replaceAll('_', ' ')} is away: ${detail}`,
    remedy: 'bring it back; the bot continues by itself', call: curlOf(apiUrl, { method: 'GET', path: '/health' }),
  };
}

function halted({ haltId, atMs, reason }: { haltId: string; atMs: number; reason: string }, apiUrl: string): DiagnosisFinding {
  return {
    ...forAll, cause: 'halted', code: 10009,
    message: `the emergency stop ${haltId} is set since ${new Date(atMs).toISOString()}: ${reason || 'no reason given'}; no order increases risk`,
    remedy: 'find out why, look at positions and orders on the exchange, release the stop, then resume',
    call: curlOf(apiUrl, { method: 'POST', path: '/api/v1/runbooks/releaseEmergency/plan', body: { params: { halt_id: haltId } } }),
  };
}

function lifecycle({ lifecycle: state, reason, sinceMs, blockedBecause }: BotFacts, { apiUrl, limitHit }: { apiUrl: string; limitHit: boolean }): DiagnosisFinding[] {
  const since = `since ${new Date(sinceMs).toISOString()}: ${reason}`;
  const resume = curlOf(apiUrl, { method: 'POST', path: '/api/v1/bot/resume', body: { reason: 'why it may trade again' } });
  const remedy = limitHit ? 'deal with the loss limit first; resume only if an operator paused the bot as well' : 'resume when the reason is gone';
  switch (state) {
    case 'running':
      return [];
    case 'starting':
      return [{
        ...forAll, cause: 'starting', message: `the bot has not yet agreed with the exchange since it started${blockedBecause === undefined ? '' : `: ${blockedBecause}`}`,
        remedy: 'wait for its first candle; when that does not come, /health names the part that is away', call: curlOf(apiUrl, { method: 'GET', path: '/health' }),
      }];
    case 'paused':
      return [{ ...forAll, cause: 'paused', message: `the bot is paused ${since}; no new entries, exits go on`, remedy, call: resume }];
    case 'stopped':
      return [{ ...forAll, cause: 'stopped', message: `the bot is stopped ${since}; it decides nothing, the stops on the exchange stay`, remedy, call: resume }];
  }
}

function disagreement({ lifecycle: state, blockedBecause }: BotFacts, apiUrl: string): DiagnosisFinding[] {
  if (state !== 'running' || blockedBecause === undefined) return [];
  return [{
    ...forAll, cause: 'disagreement', code: 20009, message: `no entries although the bot runs: ${blockedBecause}`,
    remedy: 'the bot asks again every second and continues when all agree; a position that nobody here opened must be closed on the exchange',
    call: curlOf(apiUrl, { method: 'GET', path: '/api/v1/positions/active' }),
  }];
}
