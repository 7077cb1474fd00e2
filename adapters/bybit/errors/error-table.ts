/**
 * Which of our codes each answer of Bybit means. Data only; `classify.ts` reads it.
 * Source: Bybit V5 docs, "Error Codes", and the public record of what the exchange really sends.
 *
 * Invariants
 * 1. The first row that fits decides, so narrow rows (message, kind) stand above wide ones.
 * 2. `outcome` speaks of requests that change something: `unknown` means the change may have happened. Reads change nothing.
 * 3. Bybit's numbers and ours overlap (20001, 30001 …): a row's `code` is ours, everything else in it is Bybit's.
 */
import type { Outcome } from '../../../core/errors/bot-error.js';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import { ORDER_KINDS, OTHER_KINDS, PROTECTIVE_KINDS, type CallKind } from './call-kind.js';

export interface ErrorRow {
  code: ErrorCode;
  /** `retCode` of a reply, REST or trade socket */
  retCodes?: readonly number[];
  /** inclusive spans of `retCode` */
  retCodeRanges?: readonly (readonly [number, number])[];
  /** `retCode` values that have this meaning on the trade socket only */
  socketRetCodes?: readonly number[];
  httpStatuses?: readonly number[];
  /** system error names, and our own names of signals: see `SIGNALS` */
  errnos?: readonly string[];
  /** `rejectReason` of an order on the account stream */
  rejectReasons?: readonly string[];
  /** the row holds only when the exchange's words fit */
  message?: RegExp;
  /** absent: any kind */
  kinds?: readonly CallKind[];
  /** absent: definite */
  outcome?: Outcome;
  /** absent: as the catalogue says */
  retryable?: boolean;
}

/** Names for failures that carry neither a code nor a system error. */
export const SIGNALS = { malformedReply: 'MALFORMED_REPLY', noReply: 'NO_REPLY', connectionLost: 'CONNECTION_LOST' } as const;

const PARAMETER_ERROR = 10001;
const SERVER_FAULTS = [500, 502, 503, 504];
export const NEVER_CONNECTED: readonly string[] = [
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EPROTO', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID',
];
export const NO_ANSWER_IN_TIME: readonly string[] = ['ECONNABORTED', 'ETIMEDOUT', SIGNALS.noReply];
export const BROKEN_OFF: readonly string[] = ['ECONNRESET', 'EPIPE', SIGNALS.connectionLost, SIGNALS.malformedReply];

/** Rows that need the words or the kind of the request to decide. */
const NARROW_ROWS: readonly ErrorRow[] = [
  { code: 20002, retCodes: [PARAMETER_ERROR], message: /symbol invalid|not supported symbol|symbol not exist/i },
  { code: 20006, retCodes: [PARAMETER_ERROR], kinds: PROTECTIVE_KINDS, message: /\b(sl|tp|stoploss|takeprofit)\b.*(set for|should)|zero position/i },
  { code: 20008, retCodes: [PARAMETER_ERROR], kinds: ['entry'], message: /\b(sl|tp|stoploss|takeprofit)\b.*(set for|should)/i },
  { code: 20008, retCodes: [PARAMETER_ERROR], message: /\b(buy|sell):\s*\[.*\]\s*invalid/i },
  { code: 20003, retCodes: [PARAMETER_ERROR], message: /number of contracts exceeds (maximum|minimum) limit|\bqty\b/i },
  {
    code: 20007, kinds: ORDER_KINDS, outcome: 'unknown', retCodes: [10000, 10016, 110079, 170007, 170146, 170310, 5004],
    errnos: [...NO_ANSWER_IN_TIME, ...BROKEN_OFF], httpStatuses: SERVER_FAULTS,
  },
  { code: 20006, kinds: PROTECTIVE_KINDS, retCodes: [110011, 110033, 110040, 110046, 110055, 110057, 110059, 110060, 110092, 110093] },
  { code: 30005, kinds: OTHER_KINDS, outcome: 'unknown', retCodes: [10000], errnos: NO_ANSWER_IN_TIME },
  { code: 30006, outcome: 'unknown', retCodes: [10016, 10019], message: /restart/i },
  { code: 30006, kinds: OTHER_KINDS, outcome: 'unknown', httpStatuses: [503], message: /<html/i },
];

const TRADING_ROWS: readonly ErrorRow[] = [
  {
    code: 20001,
    retCodes: [
      110004, 110006, 110007, 110012, 110014, 110044, 110045, 110047, 110051, 110052, 110053, 110131,
      130021, 131001, 140004, 140006, 140007, 140012, 170033, 170131,
    ],
  },
  { code: 20002, retCodes: [10029, 110037, 110050, 170121, 181012] },
  {
    code: 20003, rejectReasons: ['EC_QtyCannotBeZero', 'EC_EcInvalidQty'],
    retCodes: [110094, 110017, 110022, 110064, 110058, 130006, 170124, 170136, 170137, 170140, 170148, 170381, 170382],
  },
  {
    code: 20004, rejectReasons: ['EC_InvalidSymbolStatus'],
    retCodes: [110063, 110066, 110074, 30228, 110023, 110042, 110095, 110098, 110099, 110103, 110137, 170151, 170157],
  },
  {
    code: 20005,
    retCodes: [110013, 110016, 110020, 110009, 110021, 110048, 110061, 110085, 110086, 110087, 110089, 110090, 3400139, 30135],
  },
  {
    code: 20008, rejectReasons: ['EC_ReachRiskPriceLimit', 'EC_ReachMarketPriceLimit', 'EC_LimitOrderInvalidPrice', 'EC_InvalidPriceScale'],
    retCodes: [
      110003, 110120, 110121, 110108, 110109, 110116, 110118, 30208, 30209,
      170132, 170133, 170134, 170192, 170193, 170194, 170371, 170372,
    ],
  },
];

const ACCESS_ROWS: readonly ErrorRow[] = [
  { code: 30001, retCodes: [10006, 10018, 10429, 10403, 170005, 170222, 30035], socketRetCodes: [20003], httpStatuses: [429] },
  { code: 30002, retCodes: [10003, 10004, 10007, 33004, -2015, 10002, -1], httpStatuses: [401] },
  { code: 30003, outcome: 'unknown', retCodes: [10016, 10019, 170001, 170032, 170234, 3400214], httpStatuses: SERVER_FAULTS, errnos: BROKEN_OFF },
  { code: 30003, retCodes: [429], errnos: NEVER_CONNECTED },
  { code: 30006, retCodes: [3100197, 110071] },
  { code: 30007, retCodes: [10017, 10020, 10028, 100028], httpStatuses: [404] },
  { code: 30008, retCodes: [10008, 10024, 10027, 110080, 110123, 110124, 110125, 140003, 110018] },
  { code: 30009, retCodes: [10010, 10009, 110132] },
  { code: 30009, httpStatuses: [403], retryable: true },
  { code: 30010, retCodes: [10005, 110065, 110068, 110069, 3500153] },
  { code: 30004, retCodes: [110072], retryable: true },
  {
    code: 30004, httpStatuses: [400], socketRetCodes: [20006, 20001],
    retCodes: [PARAMETER_ERROR, 10014, 10404, 110001, 110008, 110010, 110019, 110024, 110028, 110029, 110032, 110049, 110025, 110026, 110027, 110043],
    retCodeRanges: [[110_000, 110_999], [181_000, 181_999]],
  },
];

export const ERROR_TABLE: readonly ErrorRow[] = [...NARROW_ROWS, ...TRADING_ROWS, ...ACCESS_ROWS];

/** A code in no row is a request the exchange did not like, as far as reads go; of an order it proves nothing. */
export const UNLISTED_RET_CODE: ErrorRow = { code: 30004, outcome: 'unknown' };
/** A transport failure in no row: for an order the answer is what is missing. */
export const UNLISTED_ORDER_TRANSPORT: ErrorRow = { code: 20007, outcome: 'unknown' };
export const UNLISTED_TRANSPORT: ErrorRow = { code: 30003, outcome: 'unknown' };
/** A 4xx in no row was refused before the exchange acted on it. */
export const UNLISTED_REFUSAL: ErrorRow = { code: 30004 };
