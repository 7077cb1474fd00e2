/**
 * What may be written down. Two walls: values under names that mean a secret are never shown, and the secret values a
 * process knows are scrubbed from any text, wherever they come from.
 *
 * Invariants
 * 1. The result is plain JSON data: errors are rebuilt, other class instances are named and not opened.
 * 2. Depth, width and text length are bounded, so that no log line grows with what a foreign side sent.
 */
import { isBotError } from '../core/errors/bot-error.js';
import { Decimal } from '../core/money/decimal.js';

const REDACTED = '[redacted]';
const DEPTH_MAX = 8;
const ENTRIES_MAX = 100;
const TEXT_LENGTH_MAX = 4_000;
const CAUSES_MAX = 5;
/** shorter values would also blank out ordinary words */
const SECRET_LENGTH_MIN = 6;

const SECRET_WORDS = new Set(['key', 'keys', 'apikey', 'secret', 'secrets', 'password', 'passwd', 'passphrase', 'token', 'tokens', 'authorization', 'signature', 'sign', 'cookie', 'credential', 'credentials']);
// every pattern has a fixed start or a bounded length: a long text may not cost more than its length
const URL_PASSWORD = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}:)[^\s/]{1,400}@/gi;
const BEARER = /\b(Bearer|Basic)\s{1,4}[A-Za-z0-9._~+/=-]+/g;
const ASSIGNED = String.raw`(\\*["']?\s{0,4}[=:]\s{0,4}\\*["']?)([^\s"',;&}\\]+)`;
const ASSIGNMENT = new RegExp(String.raw`(?<![A-Za-z0-9])((?:api[_-]?)?(?:key|secret|password|passwd|token|signature)|x-bapi-(?:sign|api-key)|authorization)${ASSIGNED}`, 'gi');
const CAMEL_ASSIGNMENT = new RegExp(String.raw`((?<=[a-z0-9])(?:Key|Secret|Password|Token|Signature))${ASSIGNED}`, 'g');

export interface Redaction {
  text(text: string): string;
  value(value: unknown): unknown;
}

/** `secrets` are the values themselves, as the settings of the process hold them. */
export function createRedaction(secrets: readonly string[]): Redaction {
  const forms = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]))]
    .filter((form) => form.length >= SECRET_LENGTH_MIN)
    .sort((a, b) => b.length - a.length);
  const text = (original: string): string => {
    const known = forms.reduce((scrubbed, form) => scrubbed.replaceAll(form, REDACTED), original);
    const cut = known.length > TEXT_LENGTH_MAX ? `${known.slice(0, TEXT_LENGTH_MAX)}… (${known.length} characters)` : known;
    return cut.replace(URL_PASSWORD, `$1${REDACTED}@`).replace(BEARER, `$1 ${REDACTED}`).replace(ASSIGNMENT, `$1$2${REDACTED}`).replace(CAMEL_ASSIGNMENT, `$1$2${REDACTED}`);
  };
  return { text, value: (value) => redactValue(value, text, 0) };
}

function redactValue(value: unknown, text: (text: string) => string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'bigint':
      return value.toString();
    case 'function':
    case 'symbol':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : redactObject(value, text, depth);
    default:
      return value;
  }
}

function redactObject(value: object, text: (text: string) => string, depth: number): unknown {
  if (value instanceof Error) return redactError(value, text, 0);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Decimal.isDecimal(value)) return value.toString();
  if (depth >= DEPTH_MAX) return '[nested too deep]';
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => redactValue(item, text, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return `[${value.constructor.name}]`;
  const entries = Object.entries(value).slice(0, ENTRIES_MAX);
  return Object.fromEntries(entries.map(([name, item]) => [text(name), meansSecret(name) ? REDACTED : redactValue(item, text, depth + 1)]));
}

/** A foreign error keeps its name, message and stack; whatever else hangs on it (requests, headers, keys) stays behind. */
function redactError(error: Error, text: (text: string) => string, causes: number): Record<string, unknown> {
  const own = isBotError(error)
    ? { code: error.code, severity: error.severity, fix: text(error.fix), outcome: error.outcome, retryable: error.retryable, ...(error.foreignCode === undefined ? {} : { foreignCode: text(error.foreignCode) }) }
    : {};
  const cause = error.cause instanceof Error && causes < CAUSES_MAX ? { cause: redactError(error.cause, text, causes + 1) } : {};
  return { name: text(error.name), message: text(error.message), ...own, ...(error.stack === undefined ? {} : { stack: text(error.stack) }), ...cause };
}

function meansSecret(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORDS.has(word));
}
