/** Telling people who are not looking. Types only; `adapters/notifications` implements it. Addresses and credentials belong to the adapter: they are never part of a payload. */

export interface Notification {
  severity: 'info' | 'warning' | 'critical';
  title: string;
  /** plain text; a channel may cut what it cannot carry */
  text: string;
}

export interface NotificationChannel {
  /** sms, webhook */
  name: string;
  /**
   * Resolves with the receipt of whoever delivers it. Rejects only with `BotError`: retryable when it may be tried again
   * (retryAfterMs when the other side has said when), not retryable when it was refused for good. Trying again may deliver it twice.
   */
  notify(notification: Notification): Promise<string>;
}
