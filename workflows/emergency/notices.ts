/**
 * The notifications of one emergency.
 *
 * Invariants
 * 1. Each stage is told on every channel until it was accepted once, or refused for good, or its tries are used up: at least once
 *    while a channel works, never without end.
 * 2. Nothing here rejects or holds up the emergency but the step that reports on it.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { EmergencyActivities } from '../../activities/emergency/emergency-activities.js';
import { notificationOf, type EmergencyStage } from '../../core/emergency/words.js';
import type { Latch } from '../../core/ports/emergency-latch.js';
import { describeFailure } from '../failure-detail.js';

const TRIES_MAX = 5;
const { notifyChannel } = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 15_000, scheduleToCloseTimeout: 120_000, retry: { initialInterval: 1_000, maximumInterval: 20_000, maximumAttempts: TRIES_MAX } });
const { notificationChannels, noteUnnotified } = proxyActivities<EmergencyActivities>({ startToCloseTimeout: 10_000, retry: { maximumAttempts: 5 } });

export class EmergencyNotices {
  /** no channel has accepted anything */
  unheard = true;

  constructor(private readonly latch: Latch, private readonly delivered: readonly string[]) {
    if (delivered.length > 0) this.unheard = false;
  }

  /** Resolves with plain words on who was told. */
  async tell(stage: EmergencyStage): Promise<string> {
    try {
      const { channels, mode } = await notificationChannels();
      const notification = notificationOf(stage, { ...this.latch, mode });
      const words = await Promise.all(channels.map((channel) => this.tellOn(channel, { stage, notification })));
      const because = channels.length === 0 ? 'no channel is configured (TWILIO_SID, EMERGENCY_WEBHOOK_URL)' : words.join('; ');
      if (!words.some((word) => word.endsWith(ACCEPTED))) await noteUnnotified({ eventId: `emergency-${this.latch.haltId}-unnotified-${stage.kind}`, title: notification.title, because });
      return because;
    } catch (error) {
      return `not notified: ${describeFailure(error).message}`;
    }
  }

  private async tellOn(channel: string, { stage, notification }: { stage: EmergencyStage; notification: ReturnType<typeof notificationOf> }): Promise<string> {
    if (this.delivered.includes(`${stage.kind} ${channel}`)) return `${channel} ${ACCEPTED}`;
    try {
      await notifyChannel({ channel, notification });
      this.unheard = false;
      return `${channel} ${ACCEPTED}`;
    } catch (error) {
      return `${channel} failed: ${describeFailure(error).message}`;
    }
  }
}

const ACCEPTED = 'accepted';
