import { describe, expect, it } from 'vitest';
import { agreementOf, describeDisagreement, tradesToInspect } from '../../../../workflows/bot/agreement-of.js';
import { aPosition } from '../../../support/postgres-facts.js';
import { aBotTrade, aReport, money } from './states.js';

const trade = aBotTrade();
const position = aPosition({ size: trade.qty, side: trade.side });
const problem = { name: 'breakout_sol', symbol: 'SOLUSDT', interval: '60', enabled: true, enabledBy: 'configuration', finding: { kind: 'problem', code: 40005, message: '3 of 40 candles' } } as const;

describe('the agreement of exchange, ledger and bot', () => {
  it('is there when position, trade, ledger and candles tell the same story', () => {
    const agreement = agreementOf(aReport({ positions: [position] }), [trade]);
    expect([agreement.kind, describeDisagreement(agreement), tradesToInspect(agreement)]).toEqual(['agreed', null, []]);
  });

  it('is unknown while the ledger is behind, or a strategy has no candles', () => {
    const behind = agreementOf(aReport({ ledger: { kind: 'behind', message: '10003 no database' } }), []);
    expect(describeDisagreement(behind)).toBe('the ledger is behind: 10003 no database');
    const blind = agreementOf(aReport({ strategies: [problem] }), []);
    expect(describeDisagreement(blind)).toBe('breakout_sol: 3 of 40 candles');
    expect([tradesToInspect(behind), tradesToInspect(blind)]).toEqual([[], []]);
  });

  it('names a difference of the account before anything else, because a trade can do something about it', () => {
    const agreement = agreementOf(aReport({ ledger: { kind: 'behind', message: '10003' }, strategies: [problem] }), [trade]);
    expect(describeDisagreement(agreement)).toBe('BTCUSDT position_missing: the trade holds 0.012 Buy, the exchange holds nothing');
    expect(tradesToInspect(agreement)).toEqual([trade.tradeId]);
  });

  it('asks each trade once, however many differences it has', () => {
    const agreement = agreementOf(aReport({ positions: [{ ...position, size: money('0.02'), stopLoss: money('0') }] }), [trade]);
    expect(agreement).toMatchObject({ kind: 'differs', differences: [{ kind: 'size_differs' }, { kind: 'unprotected' }] });
    expect(tradesToInspect(agreement)).toEqual([trade.tradeId]);
  });

  it('has nobody to ask about a position that no trade holds', () => {
    const agreement = agreementOf(aReport({ positions: [position] }), []);
    expect(describeDisagreement(agreement)).toContain('position_unknown');
    expect(tradesToInspect(agreement)).toEqual([]);
  });
});
