/** Whom an emergency notifies, as the environment says. */
import { createTwilioSms } from '../adapters/notifications/twilio.js';
import { createWebhook } from '../adapters/notifications/webhook.js';
import type { NotificationSettings } from '../config/environment.js';
import type { NotificationChannel } from '../core/ports/notifier.js';

export function notificationChannels({ twilio, webhookUrl }: NotificationSettings): NotificationChannel[] {
  return [...(twilio === undefined ? [] : [createTwilioSms(twilio)]), ...(webhookUrl === undefined ? [] : [createWebhook({ url: webhookUrl })])];
}
