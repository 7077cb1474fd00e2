/** A run as the Temporal Web UI shows it: a table of its steps. */
import type { RunbookStep } from '../../core/runbooks/run.js';
import type { RunStatus } from '../runbook-messages.js';

const MARK: Record<RunbookStep['state'], string> = { pending: '·', running: '▶', done: '✔', failed: '✘' };

export function stepTable({ state, outcome, steps, cancel, remaining }: Pick<RunStatus, 'state' | 'outcome' | 'steps' | 'cancel' | 'remaining'>): string {
  return [
    `**${state}**${outcome === null ? '' : ` ${cell(outcome)}`}`,
    ...(cancel === null ? [] : ['', `to be cancelled: ${cell(cancel.reason)} (${cell(cancel.actor)})`]),
    '', '| | step | seconds | tries | result |', '|---|---|---|---|---|',
    ...steps.map(row),
    ...(remaining.length === 0 ? [] : ['', '**to do by hand**', '', ...remaining.map((what) => `- ${cell(what)}`)]),
  ].join('\n');
}

function row({ state, name, startedMs, endedMs, attempt, result }: RunbookStep): string {
  const seconds = startedMs === null || endedMs === null ? '' : ((endedMs - startedMs) / 1_000).toFixed(1);
  return `| ${MARK[state]} | ${name} | ${seconds} | ${attempt === 0 ? '' : attempt} | ${cell(result ?? '')} |`;
}

/** Text from elsewhere must not become a column or a line of its own. */
function cell(text: string): string {
  return text.replaceAll(/[|\r\n]+/g, ' ');
}
