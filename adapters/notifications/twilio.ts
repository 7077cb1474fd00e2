/**
 * SMS through Twilio's REST API: `POST /2010-04-01/Accounts/{sid}/Messages.json`, form-encoded From, To and Body, basic
 * authentication; 201 with the message's sid when it was accepted (which is not yet delivered).
 *
 * Invariant: account, token and telephone numbers appear in no error and no log line.
 */
import type { NotificationChannel } from '../../core/ports/notifier.js';
import { refusedBy, unanswered } from './delivery-failure.js';

export interface TwilioOptions {
  accountSid: string;
  token: string;
  from: string;
  to: string;
  /** without a path, for example https://api.twilio.com */
  baseUrl: string;
}

const CHANNEL = 'sms';
const TIMEOUT_MS = 10_000;

export function createTwilioSms({ accountSid, token, from, to, baseUrl }: TwilioOptions): NotificationChannel {
  const url = new URL(`/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, baseUrl);
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString('base64')}`;
  return {
    name: CHANNEL,
    notify: async ({ text }) => {
      const body = new URLSearchParams({ From: from, To: to, Body: text });
      const reply = await fetch(url, { method: 'POST', headers: { authorization }, body, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
        throw unanswered(CHANNEL, error);
      });
      const answer = (await reply.json().catch(() => ({}))) as { sid?: unknown; code?: unknown };
      if (reply.ok) return typeof answer.sid === 'string' ? answer.sid : 'accepted';
      throw refusedBy(reply, { channel: CHANNEL, ...(typeof answer.code === 'number' ? { foreignCode: `Twilio ${answer.code}` } : {}) });
    },
  };
}
