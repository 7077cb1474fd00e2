/**
 * "The bot stops trading unexpectedly": every cause that holds, the weightiest first, each with its numbers and the call
 * that helps. From facts to findings, nothing is asked and nothing is changed here.
 *
 * Invariants
 * 1. All causes are told, not only the first: removing one must not reveal the next an hour later.
 * 2. What could not be read is a finding of its own (`dependency`), never silence.
 */
import { balanceFindings } from './balance-findings.js';
import { botFindings } from './bot-findings.js';
import { dataFindings } from './data-findings.js';
import type { DiagnosisInput } from './facts.js';
import { byWeight, type Cause, type Diagnosis, type DiagnosisFinding } from './finding.js';
import { riskFindings } from './risk-findings.js';
import { strategyFindings } from './strategy-findings.js';

export function diagnose(input: DiagnosisInput): Diagnosis {
  const { apiUrl, risk, wallet, series, strategies } = input;
  const findings = byWeight([
    ...botFindings(input),
    ...(risk ? riskFindings(risk, apiUrl) : []),
    ...(wallet ? balanceFindings({ wallet, risk, apiUrl }) : []),
    ...(series ? dataFindings(series, apiUrl) : []),
    ...(strategies ? strategyFindings(strategies, apiUrl) : []),
  ]);
  return summarised(findings, strategies?.length ?? 0);
}

/** The part of a diagnosis that one endpoint is about; what blocks everything is always part of it. */
export function concerning(diagnosis: Diagnosis, causes: readonly Cause[]): DiagnosisFinding[] {
  return diagnosis.findings.filter(({ cause, weight }) => causes.includes(cause) || weight === 'blocking');
}

function summarised(findings: DiagnosisFinding[], strategies: number): Diagnosis {
  const blocking = findings.filter(({ weight }) => weight === 'blocking');
  const limiting = findings.filter(({ weight }) => weight === 'limiting');
  const [first] = [...blocking, ...limiting];
  if (first === undefined) return { verdict: 'waiting', summary: `nothing keeps the bot from trading; ${strategies} strategies wait for their conditions`, findings };
  const others = blocking.length + limiting.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more)`;
  if (blocking.length > 0) return { verdict: 'blocked', summary: `no entry is possible: ${first.message}${more}. To do: ${first.remedy}`, findings };
  return { verdict: 'limited', summary: `some strategies may not enter: ${first.message}${more}. To do: ${first.remedy}`, findings };
}
