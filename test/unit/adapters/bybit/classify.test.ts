/** The expectations are written out from the exchange's published codes, not derived from the table under test. */
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../core/errors/catalogue.js';
import type { CallKind } from '../../../../adapters/bybit/errors/call-kind.js';
import { classify, classifyRejectReason } from '../../../../adapters/bybit/errors/classify.js';

const RET_CODES: Record<string, [ErrorCode, CallKind, number[]]> = {
  'lack of balance': [20001, 'entry', [110004, 110006, 110007, 110012, 110014, 110044, 110045, 110047, 110051, 110052, 110053, 110131, 130021, 131001, 140004, 140006, 140007, 140012, 170033, 170131]],
  'an unknown symbol': [20002, 'entry', [10029, 110037, 110050, 170121, 181012]],
  'a bad size': [20003, 'entry', [110094, 110017, 110022, 110064, 110058, 130006, 170124, 170136, 170137, 170140, 170148, 170381, 170382]],
  'a closed market': [20004, 'entry', [110063, 110066, 110074, 30228, 110023, 110042, 110095, 110098, 110099, 110103, 110137, 170151, 170157]],
  'a position limit': [20005, 'entry', [110013, 110016, 110020, 110009, 110021, 110048, 110061, 110085, 110086, 110087, 110089, 110090, 3400139, 30135]],
  'a stop that cannot be set': [20006, 'protect', [110011, 110033, 110040, 110046, 110055, 110057, 110059, 110060, 110092, 110093]],
  'an exit refused for its stop': [20006, 'exit', [110011, 110092]],
  'a lost answer to an order': [20007, 'entry', [10000, 10016, 110079, 170007, 170146, 170310, 5004]],
  'a price out of range': [20008, 'entry', [110003, 110120, 110121, 110108, 110109, 110116, 110118, 30208, 30209, 170132, 170133, 170134, 170192, 170193, 170194, 170371, 170372]],
  'too many requests': [30001, 'read', [10006, 10018, 10429, 10403, 170005, 170222, 30035]],
  'a refused key': [30002, 'read', [10003, 10004, 10007, 33004, -2015, 10002, -1]],
  'an exchange out of service': [30003, 'read', [10016, 10019, 429, 170001, 170032, 170234, 3400214]],
  'a malformed request': [30004, 'entry', [10001, 10014, 10404, 110001, 110008, 110010, 110019, 110024, 110028, 110029, 110032, 110049, 110072, 110025, 110026, 110027, 110043, 181001, 181999]],
  'no answer in time': [30005, 'read', [10000]],
  'maintenance': [30006, 'read', [3100197, 110071]],
  'a retired interface': [30007, 'read', [10017, 10020, 10028, 100028]],
  'a suspended account': [30008, 'read', [10008, 10024, 10027, 110080, 110123, 110124, 110125, 140003, 110018]],
  'a blocked address': [30009, 'read', [10010, 10009, 110132]],
  'missing permissions': [30010, 'read', [10005, 110065, 110068, 110069, 3500153]],
};

describe('the code of a refusal', () => {
  const rows = Object.entries(RET_CODES).flatMap(([meaning, [code, kind, retCodes]]) => retCodes.map((retCode) => ({ meaning, code, kind, retCode })));
  it.each(rows)('$retCode on a request of kind $kind is $code: $meaning', ({ code, kind, retCode }) => {
    expect(classify({ kind, transport: 'rest', retCode, message: 'words' }).code).toBe(code);
  });

  it.each<[string, ErrorCode, CallKind]>([
    ['params error: symbol invalid foo', 20002, 'read'],
    ['Not supported symbols', 20002, 'entry'],
    ['params error: symbol not exist', 20002, 'read'],
    ['The number of contracts exceeds maximum limit allowed: too large', 20003, 'entry'],
    ['The number of contracts exceeds minimum limit allowed', 20003, 'exit'],
    ['Qty invalid', 20003, 'entry'],
    ['sl:655000000 set for Buy position should lower than base_price:650000000??LastPrice', 20006, 'protect'],
    ['can not set tp/sl/ts for zero position', 20006, 'protect'],
    ['StopLoss:655000000 set for Buy position should lower than base_price:650000000??LastPrice', 20008, 'entry'],
    ['buy: [1, 2] invalid', 20008, 'entry'],
    ['sell: [1, 2] invalid', 20008, 'exit'],
    ['params error: limit invalid', 30004, 'read'],
  ])('10001 "%s" is %i for a request of kind %s', (message, code, kind) => {
    expect(classify({ kind, transport: 'rest', retCode: 10001, message }).code).toBe(code);
  });

  it.each([10016, 10019])('%i that speaks of a restart is maintenance', (retCode) => {
    expect(classify({ kind: 'read', transport: 'rest', retCode, message: 'Server is restarting' }).code).toBe(30006);
  });

  it('numbers that collide with ours have their meaning on the trade socket only', () => {
    const socket = (retCode: number): ErrorCode => classify({ kind: 'entry', transport: 'socket', retCode, message: '' }).code;
    expect([20001, 20003, 20006].map(socket)).toEqual([30004, 30001, 30004]);
    expect(classify({ kind: 'entry', transport: 'rest', retCode: 20003, message: '' }).code).toBe(30004);
  });

  it.each<[string, ErrorCode | undefined]>([
    ['EC_QtyCannotBeZero', 20003], ['EC_EcInvalidQty', 20003], ['EC_InvalidSymbolStatus', 20004], ['EC_ReachRiskPriceLimit', 20008],
    ['EC_ReachMarketPriceLimit', 20008], ['EC_LimitOrderInvalidPrice', 20008], ['EC_InvalidPriceScale', 20008], ['EC_NoError', undefined],
  ])('an order rejected with %s carries %s', (reason, code) => {
    expect(classifyRejectReason(reason)).toBe(code);
  });
});

describe('the code of a broken conversation', () => {
  it.each<[string, ErrorCode, ErrorCode]>([
    ['ECONNABORTED', 20007, 30005], ['ETIMEDOUT', 20007, 30005], ['NO_REPLY', 20007, 30005], ['ECONNRESET', 20007, 30003], ['EPIPE', 20007, 30003],
    ['CONNECTION_LOST', 20007, 30003], ['MALFORMED_REPLY', 20007, 30003], ['ECONNREFUSED', 30003, 30003], ['ENOTFOUND', 30003, 30003],
    ['EAI_AGAIN', 30003, 30003], ['CERT_HAS_EXPIRED', 30003, 30003], ['SOMETHING_NEW', 20007, 30003],
  ])('%s is %i for an order and %i for a read', (errno, forOrder, forRead) => {
    expect(classify({ kind: 'entry', transport: 'rest', errno, message: '' }).code).toBe(forOrder);
    expect(classify({ kind: 'read', transport: 'rest', errno, message: '' }).code).toBe(forRead);
  });

  it.each<[number, ErrorCode, ErrorCode]>([
    [400, 30004, 30004], [401, 30002, 30002], [403, 30009, 30009], [404, 30007, 30007], [418, 30004, 30004], [429, 30001, 30001],
    [500, 20007, 30003], [502, 20007, 30003], [503, 20007, 30003], [504, 20007, 30003], [522, 20007, 30003], [302, 20007, 30003],
  ])('HTTP %i is %i for an order and %i for a read', (httpStatus, forOrder, forRead) => {
    expect(classify({ kind: 'exit', transport: 'rest', httpStatus, message: '' }).code).toBe(forOrder);
    expect(classify({ kind: 'read', transport: 'rest', httpStatus, message: '' }).code).toBe(forRead);
  });

  it('HTTP 503 with a page for people is maintenance, but an order behind it is still of unknown fate', () => {
    const page = '<html><body>Maintenance</body></html>';
    expect(classify({ kind: 'read', transport: 'rest', httpStatus: 503, message: page }).code).toBe(30006);
    expect(classify({ kind: 'entry', transport: 'rest', httpStatus: 503, message: page })).toMatchObject({ code: 20007, outcome: 'unknown' });
  });

  it.each([undefined, 10018, 10006, 403])('HTTP 403 is a blocked address also when its body says %s', (retCode) => {
    expect(classify({ kind: 'read', transport: 'rest', httpStatus: 403, message: '', ...(retCode === undefined ? {} : { retCode }) })).toMatchObject({ code: 30009, retryable: true });
  });

  it('a refusal inside a 4xx is read, inside a 5xx it is not trusted', () => {
    expect(classify({ kind: 'entry', transport: 'rest', httpStatus: 403, retCode: 10024, message: '' })).toMatchObject({ code: 30008, outcome: 'definite' });
    expect(classify({ kind: 'entry', transport: 'rest', httpStatus: 500, retCode: 10001, message: '' })).toMatchObject({ code: 20007, outcome: 'unknown' });
  });
});

describe('what is known of an order after a failure', () => {
  const outcomeOf = (failure: { retCode?: number; errno?: string; httpStatus?: number }) => classify({ kind: 'entry', transport: 'rest', message: '', ...failure }).outcome;

  it.each([
    ...[10000, 10016, 110079, 170007, 170146].map((retCode) => ({ retCode })),
    ...['ECONNABORTED', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'NO_REPLY', 'CONNECTION_LOST', 'MALFORMED_REPLY'].map((errno) => ({ errno })),
    ...[500, 502, 503, 504].map((httpStatus) => ({ httpStatus })),
  ])('%o leaves it unknown', (failure) => {
    expect(outcomeOf(failure)).toBe('unknown');
  });

  it.each([
    ...[10001, 10002, 10003, 10004, 10005, 10006, 10007, 10008, 10009, 10010, 10429, 10403, 110007, 110017, 110072, 110094, 110555].map((retCode) => ({ retCode })),
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].map((errno) => ({ errno })),
    ...[400, 401, 403, 404, 429].map((httpStatus) => ({ httpStatus })),
  ])('%o means that it was not placed', (failure) => {
    expect(outcomeOf(failure)).toBe('definite');
  });

  it('a retCode that nobody has published proves nothing about an order', () => {
    expect(classify({ kind: 'entry', transport: 'rest', retCode: 987654, message: '' })).toMatchObject({ code: 30004, outcome: 'unknown' });
  });

  it('a read changes nothing, so its outcome is never in doubt', () => {
    expect(classify({ kind: 'read', transport: 'rest', errno: 'ETIMEDOUT', message: '' }).outcome).toBe('definite');
  });
});
