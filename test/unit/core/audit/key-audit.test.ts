import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditKey, type KeyAuditInput } from '../../../../core/audit/key-audit.js';

const NOW_MS = Date.UTC(2026, 0, 10);
const DAY_MS = 86_400_000;

function input(key: Partial<KeyAuditInput['key']> = {}, rest: Partial<KeyAuditInput> = {}): KeyAuditInput {
  return {
    key: { readOnly: false, permissions: { ContractTrade: ['Order', 'Position'], Wallet: [] }, boundIps: ['203.0.113.7'], expiresMs: null, ...key },
    calls: { public: 100, read: 50, Order: 3, Position: 2 }, refusals: {}, nowMs: NOW_MS, ...rest,
  };
}
const found = (audited: KeyAuditInput) => auditKey(audited).findings.map(({ severity, code }) => `${severity} ${code}`);

describe('the audit of the API key', () => {
  it('finds nothing with a bound key that may do what it does', () => {
    expect(auditKey(input())).toEqual({ findings: [], unusedScopes: [], withdrawalsAllowed: false });
  });

  it('calls it critical when money can be withdrawn', () => {
    const { findings, unusedScopes, withdrawalsAllowed } = auditKey(input({ permissions: { ContractTrade: ['Order', 'Position'], Wallet: ['AccountTransfer', 'Withdraw'] } }));
    expect(withdrawalsAllowed).toBe(true);
    expect(findings.map(({ severity, code, what }) => ({ severity, code, what }))).toEqual([
      { severity: 'critical', code: 10005, what: 'the key may withdraw money (Wallet: Withdraw)' },
      { severity: 'warning', code: 10005, what: 'the key may move money between accounts (Wallet: AccountTransfer)' },
    ]);
    expect(unusedScopes).toEqual(['Wallet: AccountTransfer', 'Wallet: Withdraw']);
  });

  it.each([
    ['is read-only', { readOnly: true }, ['error 30010']],
    ['lacks a permission', { permissions: { ContractTrade: ['Order'] } }, ['error 30010']],
    ['has no permission at all', { permissions: {} }, ['error 30010']],
    ['is bound to no address', { boundIps: [] }, ['warning 30009']],
    ['is bound to every address', { boundIps: ['*'] }, ['warning 30009']],
    ['has expired', { expiresMs: NOW_MS - 1 }, ['critical 30002']],
    ['expires in a week', { expiresMs: NOW_MS + 7 * DAY_MS }, ['warning 30002']],
    ['expires in a year', { expiresMs: NOW_MS + 365 * DAY_MS }, []],
    ['may do what the bot never does', { permissions: { ContractTrade: ['Order', 'Position'], Spot: ['SpotTrade'], Earn: ['Earn'] } }, ['warning 30010']],
  ] satisfies [string, Partial<KeyAuditInput['key']>, string[]][])('says so when the key %s', (_what, key, expected) => {
    expect(found(input(key))).toEqual(expected);
  });

  it('names a permission that nothing has needed yet, without advising to take it away', () => {
    const { findings, unusedScopes } = auditKey(input({}, { calls: { public: 9, read: 9, Order: 0, Position: 1 } }));
    expect(unusedScopes).toEqual(['ContractTrade: Order']);
    expect(findings).toEqual([expect.objectContaining({ severity: 'info', remedy: expect.stringContaining('nothing to do') as string })]);
  });

  it('takes the permission that unified accounts show for the same trading as used with it', () => {
    const unified = { permissions: { ContractTrade: ['Order', 'Position'], Derivatives: ['DerivativesTrade'] } };
    expect(auditKey(input(unified))).toEqual({ findings: [], unusedScopes: [], withdrawalsAllowed: false });
    expect(auditKey(input(unified, { calls: { public: 1, read: 1, Order: 0, Position: 0 } })).findings.map(({ severity }) => severity)).toEqual(['info', 'info', 'info']);
  });

  it('reports that the exchange has refused the key', () => {
    expect(auditKey(input({}, { refusals: { 30002: 4, 30001: 9 } })).findings).toEqual([expect.objectContaining({ code: 30002, what: expect.stringContaining('4 times') as string })]);
  });

  it('puts the gravest finding first and gives each a remedy, whatever the key may do', () => {
    const names = fc.constantFrom('Order', 'Position', 'Withdraw', 'AccountTransfer', 'SpotTrade', 'DerivativesTrade');
    const key = fc.record({
      readOnly: fc.boolean(), permissions: fc.dictionary(fc.constantFrom('ContractTrade', 'Wallet', 'Spot', 'Derivatives'), fc.uniqueArray(names)),
      boundIps: fc.uniqueArray(fc.constantFrom('*', '203.0.113.7')), expiresMs: fc.option(fc.integer({ min: NOW_MS - DAY_MS, max: NOW_MS + 90 * DAY_MS })),
    });
    const order = ['critical', 'error', 'warning', 'info'];
    fc.assert(fc.property(key, (any) => {
      const { findings } = auditKey(input(any));
      const ranks = findings.map(({ severity }) => order.indexOf(severity));
      expect([...ranks].sort((one, other) => one - other)).toEqual(ranks);
      expect(findings.every(({ remedy, what }) => remedy !== '' && what !== '')).toBe(true);
      expect(findings.some(({ what }) => what.includes('withdraw'))).toBe(Object.values(any.permissions).flat().includes('Withdraw'));
    }));
  });
});
