/**
 * What an auditor would say of the bot's API key: what it may do, against what the bot needs and what it has used.
 * Permission names are those of Bybit's `GET /v5/user/query-api`; the bot trades USDT perpetuals, for which it needs
 * `ContractTrade: Order, Position` and nothing else. Unified accounts show `Derivatives: DerivativesTrade` beside it, for
 * the same trading.
 */
import type { ErrorCode, Severity } from '../errors/catalogue.js';
import type { EndpointScope, KeyReport } from '../ports/process-report.js';

export interface KeyAuditInput {
  key: Pick<KeyReport, 'readOnly' | 'permissions' | 'boundIps' | 'expiresMs'>;
  /** requests sent since the start of the worker, by the permission they need */
  calls: Readonly<Record<EndpointScope, number>>;
  /** times that the exchange refused the key since then, by code of the catalogue */
  refusals: Readonly<Partial<Record<ErrorCode, number>>>;
  nowMs: number;
}

export interface KeyFinding {
  severity: Severity;
  code: ErrorCode;
  what: string;
  remedy: string;
}

export interface KeyAudit {
  /** the gravest first */
  findings: KeyFinding[];
  /** granted, as `Group: Name`, and without one call that needed it since the start */
  unusedScopes: string[];
  withdrawalsAllowed: boolean;
}

const GRAVITY: Record<Severity, number> = { critical: 0, error: 1, warning: 2, info: 3 };
const DAY_MS = 86_400_000;
const EXPIRY_NOTICE_DAYS = 14;
const TRADING = 'ContractTrade';
const NEEDED = ['Order', 'Position'] as const;
const UNIFIED: Scope = { group: 'Derivatives', name: 'DerivativesTrade' };
/** Names of permissions by which money can leave the account or move inside it. */
const WITHDRAW = /withdraw/i;
const TRANSFER = /transfer/i;
/** How the exchange refuses a key: authentication, address, permission. */
export const KEY_CODES = [30002, 30009, 30010] as const satisfies readonly ErrorCode[];

export function auditKey(input: KeyAuditInput): KeyAudit {
  const scopes = grantedScopes(input.key.permissions);
  const unused = scopes.filter((scope) => !isUsed(scope, input.calls));
  const findings = [...moneyFindings(scopes), ...tradingFindings(input), ...addressFindings(input), ...expiryFindings(input), ...refusalFindings(input), ...unusedFindings(unused)];
  return { findings: findings.sort((one, other) => GRAVITY[one.severity] - GRAVITY[other.severity]), unusedScopes: unused.map(nameOf), withdrawalsAllowed: scopes.some(({ name }) => WITHDRAW.test(name)) };
}

/** Whether the key works from named addresses only. */
export function isBound({ boundIps }: Pick<KeyReport, 'boundIps'>): boolean {
  return boundIps.length > 0 && !boundIps.includes('*');
}

interface Scope {
  group: string;
  name: string;
}

function grantedScopes(permissions: KeyReport['permissions']): Scope[] {
  return Object.entries(permissions).flatMap(([group, names]) => names.map((name) => ({ group, name })));
}

function nameOf({ group, name }: Scope): string {
  return `${group}: ${name}`;
}

function isUnified({ group, name }: Scope): boolean {
  return group === UNIFIED.group && name === UNIFIED.name;
}

function isNeeded(scope: Scope): boolean {
  return isUnified(scope) || (scope.group === TRADING && NEEDED.some((needed) => needed === scope.name));
}

function isUsed(scope: Scope, calls: KeyAuditInput['calls']): boolean {
  if (isUnified(scope)) return calls.Order + calls.Position > 0;
  const needed = NEEDED.find((name) => name === scope.name);
  return scope.group === TRADING && needed !== undefined && calls[needed] > 0;
}

function moneyFindings(scopes: readonly Scope[]): KeyFinding[] {
  return scopes.flatMap((scope): KeyFinding[] => {
    if (WITHDRAW.test(scope.name)) return [{ severity: 'critical', code: 10005, what: `the key may withdraw money (${nameOf(scope)})`, remedy: 'create a key without Withdraw on Bybit (API management), give it to the bot, delete this one' }];
    if (TRANSFER.test(scope.name)) return [{ severity: 'warning', code: 10005, what: `the key may move money between accounts (${nameOf(scope)})`, remedy: `take ${nameOf(scope)} away from the key on Bybit (API management)` }];
    return [];
  });
}

function tradingFindings({ key }: KeyAuditInput): KeyFinding[] {
  const granted = key.permissions[TRADING] ?? [];
  const missing = NEEDED.filter((name) => !granted.includes(name));
  return [
    ...(key.readOnly ? [{ severity: 'error', code: 30010, what: 'the key is read-only: no order can be sent and no stop moved', remedy: 'switch the key to read-write on Bybit (API management)' } as const] : []),
    ...(missing.length > 0 ? [{ severity: 'error', code: 30010, what: `the key lacks ${TRADING}: ${missing.join(', ')}`, remedy: `grant ${TRADING}: ${missing.join(', ')} on Bybit (API management)` } as const] : []),
  ];
}

function addressFindings({ key }: KeyAuditInput): KeyFinding[] {
  if (isBound(key)) return [];
  return [{ severity: 'warning', code: 30009, what: 'the key works from any address: whoever copies it can trade with it', remedy: 'bind the key to the address of this host on Bybit (API management); keys without an address also expire' }];
}

function expiryFindings({ key: { expiresMs }, nowMs }: KeyAuditInput): KeyFinding[] {
  if (expiresMs === null) return [];
  const days = Math.floor((expiresMs - nowMs) / DAY_MS);
  const on = new Date(expiresMs).toISOString().slice(0, 10);
  if (expiresMs <= nowMs) return [{ severity: 'critical', code: 30002, what: `the key expired on ${on}`, remedy: 'create a new key on Bybit and give it to the bot' }];
  if (days >= EXPIRY_NOTICE_DAYS) return [];
  return [{ severity: 'warning', code: 30002, what: `the key expires on ${on}, in ${days} days`, remedy: 'renew the key on Bybit, or bind it to an address: bound keys do not expire' }];
}

function refusalFindings({ refusals }: KeyAuditInput): KeyFinding[] {
  return KEY_CODES.flatMap((code): KeyFinding[] => {
    const times = refusals[code] ?? 0;
    return times === 0 ? [] : [{ severity: 'warning', code, what: `the exchange refused the key ${times} times since the start of the worker (${code})`, remedy: 'GET /api/v1/errors shows when; debug/api-stats shows on which endpoints' }];
  });
}

/** What the bot can never need is more than it should have; what it needs but has not used yet is only worth knowing. */
function unusedFindings(unused: readonly Scope[]): KeyFinding[] {
  const foreign = unused.filter((scope) => !isNeeded(scope) && !WITHDRAW.test(scope.name) && !TRANSFER.test(scope.name));
  const idle = unused.filter(isNeeded);
  return [
    ...(foreign.length === 0 ? [] : [{ severity: 'warning', code: 30010, what: `the key may do what the bot never does: ${foreign.map(nameOf).join('; ')}`, remedy: 'take these permissions away from the key on Bybit (API management)' } as const]),
    ...idle.map((scope): KeyFinding => ({ severity: 'info', code: 30010, what: `no call has needed ${nameOf(scope)} since the start of the worker`, remedy: 'nothing to do: the bot needs it for its orders and stops' })),
  ];
}
