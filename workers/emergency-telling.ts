/** Notifications of an emergency that runs without Temporal: each stage on every channel, a bounded number of tries. */
import { setTimeout as delay } from 'node:timers/promises';
import { notificationOf, type EmergencyStage } from '../core/emergency/words.js';
import type { EmergencyOrder } from '../core/emergency/emergency-order.js';
import { isBotError } from '../core/errors/bot-error.js';
import type { Logger } from '../core/ports/logger.js';
import type { NotificationChannel } from '../core/ports/notifier.js';

export interface TellingDependencies {
  channels: readonly NotificationChannel[];
  /** paper, demo, testnet or live */
  mode: string;
  /** host ms */
  now(): number;
  logger: Logger;
  /** each line as it is noted, for a person who watches */
  onLine?: (line: string) => void;
}

const TRIES_MAX = 5;
const FIRST_PAUSE_MS = 1_000;

export class EmergencyTelling {
  /** `delivered`: what was accepted, as `activated sms`; it grows, and `deps.onDelivered` is told */
  constructor(private readonly deps: TellingDependencies & { onDelivered: () => void }, private readonly order: EmergencyOrder, private readonly delivered: string[]) {}

  /** Never rejects; true when at least one channel has accepted it. */
  async tell(stage: EmergencyStage): Promise<boolean> {
    const { channels, mode, logger } = this.deps;
    const notification = notificationOf(stage, { ...this.order, mode });
    const accepted = await Promise.all(channels.map((channel) => this.tellOn(channel, { stage, notification })));
    if (accepted.some(Boolean)) return true;
    const because = channels.length === 0 ? 'no channel is configured (TWILIO_SID, EMERGENCY_WEBHOOK_URL)' : 'no channel accepts it';
    logger.critical(`${notification.title}: nobody was notified: ${because}`, { code: 10009 });
    return false;
  }

  private async tellOn(channel: NotificationChannel, { stage, notification }: { stage: EmergencyStage; notification: ReturnType<typeof notificationOf> }): Promise<boolean> {
    const key = `${stage.kind} ${channel.name}`;
    if (this.delivered.includes(key)) return true;
    for (let tried = 1; ; tried += 1) {
      try {
        await channel.notify(notification);
        this.delivered.push(key);
        this.deps.onDelivered();
        this.deps.onLine?.(`notified by ${channel.name}`);
        return true;
      } catch (error) {
        const again = isBotError(error) && error.retryable && tried < TRIES_MAX;
        this.deps.logger.error(`Emergency notification failed: ${isBotError(error) ? error.message : 'unknown failure'}`, { channel: channel.name, tried, again });
        if (!again) return false;
        await delay(Math.max(FIRST_PAUSE_MS * 2 ** (tried - 1), error.retryAfterMs ?? 0));
      }
    }
  }
}
