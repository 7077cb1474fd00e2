/**
 * Which addresses a mode may talk to.
 *
 * Invariants
 * 1. Paper mode talks to loopback only, and a key is used only after that was checked.
 * 2. Every other mode talks to Bybit's own hosts only: an address from the configuration is refused, not ignored.
 */
import { BotError } from '../../core/errors/bot-error.js';
import type { BybitExchangeOptions } from './options.js';

export interface PaperAddresses {
  /** without a trailing slash */
  rest: string;
  ws: string;
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The simulator's addresses in paper mode, undefined in all others. Throws BotError 10002. */
export function paperAddresses(options: Pick<BybitExchangeOptions, 'mode' | 'restUrl' | 'wsUrl'>): PaperAddresses | undefined {
  if (options.mode === 'paper') {
    return { rest: loopback(options.restUrl, 'restUrl', 'http:'), ws: loopback(options.wsUrl, 'wsUrl', 'ws:') };
  }
  if (options.restUrl !== undefined || options.wsUrl !== undefined) {
    throw new BotError(10002, `mode ${options.mode} always talks to Bybit; restUrl and wsUrl belong to paper mode`, {
      fix: 'Remove BYBIT_REST_URL and BYBIT_WS_URL, or set the mode to paper',
    });
  }
  return undefined;
}

function loopback(url: string | undefined, name: string, protocol: string): string {
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.protocol !== protocol || !LOOPBACK_HOST.test(parsed.hostname) || parsed.username !== '') {
    throw new BotError(10002, `paper mode needs ${name} on a loopback host, for example ${protocol}//127.0.0.1:9000`, {
      fix: `Set ${name} to the address of the simulated exchange on this machine`,
    });
  }
  return `${parsed.protocol}//${parsed.host}`;
}
