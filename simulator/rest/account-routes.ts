/** The account: balance, settings, fees, key, transaction log, and the exchange's own status page. */
import { z } from 'zod';
import { restTransaction } from '../rows/history-rows.js';
import { restWallet } from '../rows/wallet-row.js';
import type { ApiKey } from '../server/api-keys.js';
import { invalidParameter } from '../server/refusal.js';
import { pageOf } from './cursors.js';
import { asAnswer } from './order-commands.js';
import { limit, parseLinear, parseParams, text, integer, type RawParams } from './params.js';
import { ok, type Answer, type PrivateRoute, type RouteContext } from './route.js';
import { timeSpan } from './time-span.js';

export const accountRoutes: readonly PrivateRoute[] = [
  { access: 'read', method: 'GET', path: '/v5/account/wallet-balance', handle: walletBalance },
  { access: 'read', method: 'GET', path: '/v5/account/info', handle: (_params, context) => ok(accountInfo(context)) },
  { access: 'read', method: 'GET', path: '/v5/account/fee-rate', handle: feeRate },
  { access: 'read', method: 'GET', path: '/v5/account/transaction-log', handle: transactionLog },
  { access: 'read', method: 'GET', path: '/v5/account/query-dcp-info', handle: () => ok({ dcpInfos: [] }) },
  { access: 'read', method: 'GET', path: '/v5/user/query-api', handle: (_params, context) => ok(keyInfo(context.key)) },
  { access: 'Position', method: 'POST', path: '/v5/account/set-margin-mode', handle: setMarginMode },
  { access: 'Order', method: 'POST', path: '/v5/account/set-limit-px-action', handle: setLimitPriceAction },
  { access: 'Order', method: 'POST', path: '/v5/order/disconnected-cancel-all', handle: disconnectedCancelAll },
];

const DAY_MS = 86_400_000;
/** Bybit's lowest common denominator for keys without expiry. */
const NO_EXPIRY = '1970-01-01T00:00:00Z';
const walletSchema = z.object({ accountType: z.literal('UNIFIED'), coin: text });

function walletBalance(params: RawParams, context: RouteContext): Answer {
  parseParams(walletSchema, params);
  return ok({ list: [restWallet(context.exchange.engine.wallet(context.exchange.clock().atMs))] });
}

function accountInfo(context: RouteContext): unknown {
  return {
    marginMode: 'REGULAR_MARGIN', updatedTime: String(context.exchange.clock().atMs), unifiedMarginStatus: 5, dcpStatus: 'OFF', timeWindow: 0, smpGroup: 0,
    isMasterTrader: false, spotHedgingStatus: 'OFF',
  };
}

const feeSchema = z.object({ symbol: text, baseCoin: text });

function feeRate(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(feeSchema, params);
  const rates = context.exchange.engine.feeRates();
  const list = context.exchange.listed().filter((instrument) => query.symbol === '' || instrument.symbol === query.symbol)
    .map(({ symbol }) => ({ symbol, takerFeeRate: rates.taker, makerFeeRate: rates.maker }));
  if (list.length === 0) throw invalidParameter('params error: symbol invalid');
  return ok({ list });
}

const logSchema = z.object({
  accountType: text, category: text, currency: text, baseCoin: text, type: text, startTime: text, endTime: text, limit: limit(50, 20), cursor: text,
});

function transactionLog(params: RawParams, context: RouteContext): Answer {
  const query = parseParams(logSchema, params);
  const span = timeSpan(query, { nowMs: context.exchange.clock().atMs, defaultMs: DAY_MS, unboundedById: false });
  const isOther = query.currency !== '' && query.currency !== 'USDT';
  const rows = isOther ? [] : context.exchange.engine.transactions().filter((row) => row.atMs >= span.fromMs && row.atMs <= span.toMs
    && (query.type === '' || row.type === query.type) && (query.baseCoin === '' || row.symbol.startsWith(query.baseCoin)));
  const page = pageOf({ rows: rows.toReversed(), idOf: (row) => row.id, limit: query.limit, cursor: query.cursor });
  return ok({ list: page.rows.map(restTransaction), nextPageCursor: page.nextPageCursor });
}

function keyInfo(key: ApiKey): unknown {
  return {
    id: '1', note: 'simulated exchange', apiKey: key.key, readOnly: key.readOnly ? 1 : 0, secret: '', permissions: key.permissions,
    ips: key.ips.length === 0 ? ['*'] : key.ips, type: 1, deadlineDay: -2, expiredAt: NO_EXPIRY, createdAt: NO_EXPIRY, unified: 0, uta: 1,
    userID: 1, inviterID: 0, vipLevel: 'No VIP', mktMakerLevel: '0', affiliateID: 0, rsaPublicKey: '', isMaster: true, parentUid: '0', kycLevel: 'LEVEL_DEFAULT', kycRegion: '',
  };
}

const marginSchema = z.object({ setMarginMode: z.enum(['REGULAR_MARGIN', 'ISOLATED_MARGIN', 'PORTFOLIO_MARGIN']) });

function setMarginMode(params: RawParams, context: RouteContext): Answer {
  const { setMarginMode: mode } = parseParams(marginSchema, params);
  const answer = asAnswer(context.exchange.submit({ kind: 'setMarginMode', mode }));
  return { ...answer, result: { reasons: answer.retCode === 0 ? [] : [{ reasonCode: String(answer.retCode), reasonMsg: answer.retMsg }] } };
}

const limitActionSchema = z.object({ modifyEnable: z.preprocess((value) => value === true || value === 'true', z.boolean()) });

function setLimitPriceAction(params: RawParams, context: RouteContext): Answer {
  const { modifyEnable } = parseLinear(limitActionSchema, params);
  return asAnswer(context.exchange.submit({ kind: 'setLimitPriceAction', modifyEnable }));
}

const dcpSchema = z.object({ product: text, timeWindow: integer({ min: 3, max: 300, fallback: 10 }) });

/** Bybit enables disconnect protection for institutions on request only; an ordinary account is refused. */
function disconnectedCancelAll(params: RawParams): Answer {
  parseParams(dcpSchema, params);
  return { retCode: 10005, retMsg: 'Permission denied, disconnect protection is not enabled for this account', result: {} };
}
