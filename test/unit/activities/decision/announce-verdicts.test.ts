import { beforeEach, expect, it } from 'vitest';
import { announceVerdicts, ProblemTeller } from '../../../../activities/decision/announce-verdicts.js';
import type { LogFields } from '../../../../core/ports/logger.js';
import type { StrategyReport } from '../../../../core/trading/boundary-report.js';
import { aDecision } from '../../../support/postgres-facts.js';
import { silentLogger } from '../../../support/silent-logger.js';

let told: [string, string, unknown][] = [];
const at = (level: string) => (message: string, fields?: LogFields): void => void told.push([level, message, fields?.['code']]);
const logger = { ...silentLogger, info: at('info'), warning: at('warning'), error: at('error') };
beforeEach(() => { told = []; });

const problem = (name: string, code: 40005 | 10008): StrategyReport => ({
  name, symbol: 'BTCUSDT', interval: '5', enabled: true, enabledBy: 'configuration', finding: { kind: 'problem', code, message: 'planted' },
});

it('tells each refused signal under its code and at its level, and nothing of what went well', () => {
  announceVerdicts(logger, aDecision({ evaluations: [
    { strategy: 'one', signal: 'enter', code: 20005, message: '3 positions are open' },
    { strategy: 'two', signal: 'enter', code: 20004, message: 'not Trading' },
    { strategy: 'three', signal: 'hold', code: null, message: 'conditions not met' },
    { strategy: 'four', signal: 'problem', code: 10008, message: 'told at the evaluation' },
  ] }));
  expect(told).toEqual([
    ['warning', 'Failed to execute the enter signal of strategy one: 3 positions are open', 20005],
    ['info', 'Failed to execute the enter signal of strategy two: not Trading', 20004],
  ]);
});

it('tells a problem once for each candle, however often the candle is evaluated', () => {
  const teller = new ProblemTeller(logger);
  for (const closeMs of [1_000, 1_000, 2_000]) teller.tell([problem('one', 40005), problem('two', 10008)], closeMs);
  teller.tell([problem('one', 10008)], 2_000);
  expect(told.map(([, message, code]) => [message, code])).toEqual([
    ['Strategy one error: planted', 40005], ['Strategy two error: planted', 10008],
    ['Strategy one error: planted', 40005], ['Strategy two error: planted', 10008],
    ['Strategy one error: planted', 10008],
  ]);
});
