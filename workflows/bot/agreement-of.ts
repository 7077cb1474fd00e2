/** Whether exchange, ledger and workflow state agree at a boundary, and which trades should look again when they do not. */
import type { Agreement } from '../../core/reconciliation/agreement.js';
import { compareAccount } from '../../core/reconciliation/compare-account.js';
import type { BoundaryReport } from '../../core/trading/boundary-report.js';
import type { BotTrade } from './bot-state.js';

/** A strategy that fails in its own code says nothing of the account, and asking again at once would not help: the others go on. */
const FAULT_OF_ITS_OWN = 10008;

export function agreementOf(report: BoundaryReport, trades: readonly BotTrade[]): Agreement {
  const account = compareAccount({ openTrades: trades, positions: report.positions, openOrders: report.openOrders });
  if (account.kind !== 'agreed') return account;
  const problem = report.strategies.find(({ finding }) => finding.kind === 'problem' && finding.code !== FAULT_OF_ITS_OWN);
  if (report.ledger.kind === 'behind') return { kind: 'unknown', because: `the ledger is behind: ${report.ledger.message}` };
  if (problem?.finding.kind === 'problem') return { kind: 'unknown', because: `${problem.name}: ${problem.finding.message}` };
  return account;
}

export function describeDisagreement(agreement: Agreement): string | null {
  switch (agreement.kind) {
    case 'agreed':
      return null;
    case 'unknown':
      return agreement.because;
    case 'differs':
      return agreement.differences.map(({ symbol, kind, detail }) => `${symbol} ${kind}: ${detail}`).join('; ');
  }
}

export function tradesToInspect(agreement: Agreement): string[] {
  if (agreement.kind !== 'differs') return [];
  return [...new Set(agreement.differences.flatMap(({ tradeId }) => (tradeId === undefined ? [] : [tradeId])))];
}
