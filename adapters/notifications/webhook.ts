/** A POST of JSON to an address of the operator's: chat rooms and pagers take it (`text` is what Slack and its kind show). The address may hold a token and appears in no error. */
import type { NotificationChannel } from '../../core/ports/notifier.js';
import { refusedBy, unanswered } from './delivery-failure.js';

const CHANNEL = 'webhook';
const TIMEOUT_MS = 10_000;

export function createWebhook({ url }: { url: string }): NotificationChannel {
  return {
    name: CHANNEL,
    notify: async ({ severity, title, text }) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ severity, title, text }), signal: AbortSignal.timeout(TIMEOUT_MS) };
      const reply = await fetch(url, init).catch((error: unknown) => {
        throw unanswered(CHANNEL, error);
      });
      await reply.arrayBuffer().catch(() => undefined);
      if (!reply.ok) throw refusedBy(reply, { channel: CHANNEL });
      return `HTTP ${reply.status}`;
    },
  };
}
