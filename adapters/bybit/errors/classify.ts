/** Reads the error table: one failure in, our code, what is known of its effect, and whether trying again can help. Pure. */
import type { Outcome } from '../../../core/errors/bot-error.js';
import { catalogueEntry, type ErrorCode } from '../../../core/errors/catalogue.js';
import { ORDER_KINDS, type CallKind } from './call-kind.js';
import {
  ERROR_TABLE, UNLISTED_ORDER_TRANSPORT, UNLISTED_REFUSAL, UNLISTED_RET_CODE, UNLISTED_TRANSPORT, type ErrorRow,
} from './error-table.js';

/** What went wrong, in the foreign side's terms. At least one of retCode, httpStatus and errno is given. */
export interface Failure {
  kind: CallKind;
  transport: 'rest' | 'socket';
  retCode?: number;
  httpStatus?: number;
  errno?: string;
  /** the exchange's or the system's words, '' when there are none */
  message: string;
}

export interface Classification {
  code: ErrorCode;
  outcome: Outcome;
  retryable: boolean;
}

const SERVER_FAULT = 500;
const FORBIDDEN = 403;
export const RATE_LIMITED: ErrorCode = 30001;
const LISTED_SERVER_FAULTS = [500, 502, 503, 504];

export function classify(failure: Failure): Classification {
  const row = findRow(failure);
  return {
    code: row.code,
    outcome: failure.kind === 'read' ? 'definite' : (row.outcome ?? 'definite'),
    retryable: row.retryable ?? catalogueEntry(row.code).retryable,
  };
}

/** Our code for an order that the exchange accepted and then refused on the account stream; undefined when the table has none. */
export function classifyRejectReason(rejectReason: string): ErrorCode | undefined {
  return ERROR_TABLE.find((row) => row.rejectReasons?.includes(rejectReason))?.code;
}

/**
 * A 5xx outranks whatever its body says: a proxy wrote it, and nobody knows how far the request came. So does the 403 of
 * a banned address, whose body may speak of request rates.
 */
function findRow(failure: Failure): ErrorRow {
  const { httpStatus, retCode } = failure;
  if (httpStatus !== undefined && httpStatus >= SERVER_FAULT) return byHttpStatus(failure, httpStatus);
  const refusal = retCode === undefined ? undefined : byRetCode(failure, retCode);
  if (refusal !== undefined && !(httpStatus === FORBIDDEN && refusal.code === RATE_LIMITED)) return refusal;
  if (httpStatus !== undefined) return byHttpStatus(failure, httpStatus);
  return retCode === undefined ? byErrno(failure) : UNLISTED_RET_CODE;
}

function byRetCode(failure: Failure, retCode: number): ErrorRow | undefined {
  return firstRow(failure, (row) =>
    row.retCodes?.includes(retCode) === true
    || (failure.transport === 'socket' && row.socketRetCodes?.includes(retCode) === true)
    || row.retCodeRanges?.some(([from, to]) => retCode >= from && retCode <= to) === true);
}

function byHttpStatus(failure: Failure, httpStatus: number): ErrorRow {
  const isFault = httpStatus >= SERVER_FAULT;
  const listed = isFault && !LISTED_SERVER_FAULTS.includes(httpStatus) ? SERVER_FAULT : httpStatus;
  const row = firstRow(failure, (candidate) => candidate.httpStatuses?.includes(listed) === true);
  return row ?? (httpStatus >= 400 ? UNLISTED_REFUSAL : unlistedTransport(failure));
}

function byErrno(failure: Failure): ErrorRow {
  const errno = failure.errno ?? '';
  return firstRow(failure, (row) => row.errnos?.includes(errno) === true) ?? unlistedTransport(failure);
}

function unlistedTransport(failure: Failure): ErrorRow {
  return ORDER_KINDS.includes(failure.kind) ? UNLISTED_ORDER_TRANSPORT : UNLISTED_TRANSPORT;
}

function firstRow(failure: Failure, matches: (row: ErrorRow) => boolean): ErrorRow | undefined {
  return ERROR_TABLE.find((row) =>
    matches(row)
    && (row.kinds === undefined || row.kinds.includes(failure.kind))
    && (row.message === undefined || row.message.test(failure.message)));
}
