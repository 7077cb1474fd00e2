/** Telling people of an emergency: one channel at a time, so that each has its own attempts; and what is left when nobody could be told. */
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Notification, NotificationChannel } from '../../core/ports/notifier.js';

export interface ChannelNotification {
  channel: string;
  notification: Notification;
}

interface NotifyDependencies {
  channels: readonly NotificationChannel[];
  ledger(): Promise<Pick<Ledger, 'saveEvent'>>;
  now(): number;
  logger: Logger;
}

/** Resolves with the receipt. */
export async function notifyChannel({ channels, logger }: Pick<NotifyDependencies, 'channels' | 'logger'>, { channel, notification }: ChannelNotification): Promise<string> {
  const found = channels.find(({ name }) => name === channel);
  if (found === undefined) throw new BotError(10002, `no ${channel} is configured in this process`, { retryable: false });
  const receipt = await found.notify(notification);
  logger.info(`Notified by ${channel}: ${notification.title}`, { receipt });
  return receipt;
}

/** Without a channel that delivers: a plain line in the log, and an event when the ledger is there. */
export async function noteUnnotified({ ledger, now, logger }: Omit<NotifyDependencies, 'channels'>, { eventId, title, because }: { eventId: string; title: string; because: string }): Promise<void> {
  const message = `${title}: nobody was notified: ${because}`;
  logger.critical(message, { code: 10009 });
  try {
    await (await ledger()).saveEvent({ eventId, atMs: now(), code: 10009, severity: 'critical', source: 'emergency-shutdown', message, context: {} });
  } catch (error) {
    if (!isBotError(error)) throw error;
    logger.warning('The event that nobody was notified could not be written', { code: error.code });
  }
}
