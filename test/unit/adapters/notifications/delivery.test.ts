import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTwilioSms } from '../../../../adapters/notifications/twilio.js';
import { createWebhook } from '../../../../adapters/notifications/webhook.js';
import type { BotError } from '../../../../core/errors/bot-error.js';
import type { NotificationChannel } from '../../../../core/ports/notifier.js';
import { startTwilioServer, TWILIO_ACCOUNT, type TwilioServer } from '../../../support/twilio-server.js';

const NOTIFICATION = { severity: 'critical', title: 'TITLE', text: 'TRADING BOT EMERGENCY SHUTDOWN ACTIVATED & more + äö' } as const;

describe('a notification', () => {
  let server: TwilioServer;
  let sms: NotificationChannel;
  beforeAll(async () => { server = await startTwilioServer(); });
  beforeEach(() => { sms = createTwilioSms({ ...TWILIO_ACCOUNT, baseUrl: server.url }); });
  afterAll(() => server.close());
  const failure = (channel: NotificationChannel): Promise<BotError> => channel.notify(NOTIFICATION).then(() => { throw new Error('it was accepted'); }, (error: unknown) => error as BotError);

  it('goes to Twilio in the form of its Messages API, and gives the message id as receipt', async () => {
    expect(await sms.notify(NOTIFICATION)).toMatch(/^SM0+1$/);
    expect(server.messages).toEqual([{ from: TWILIO_ACCOUNT.from, to: TWILIO_ACCOUNT.to, body: NOTIFICATION.text }]);
  });

  it('goes to a webhook as JSON', async () => {
    expect(await createWebhook({ url: `${server.url}/hook` }).notify(NOTIFICATION)).toBe('HTTP 200');
    expect(server.hooks).toEqual([{ severity: 'critical', title: 'TITLE', text: NOTIFICATION.text }]);
  });

  it('that meets too many requests may be tried again after the time that Twilio names', async () => {
    server.refuse({ status: 429, code: 20429, retryAfterSeconds: 7 });
    expect(await failure(sms)).toMatchObject({ code: 30001, retryable: true, retryAfterMs: 7_000, foreignCode: 'Twilio 20429' });
  });

  it('that meets a fault of the service may be tried again, and may have been delivered', async () => {
    server.refuse({ status: 503 });
    expect(await failure(sms)).toMatchObject({ code: 30003, retryable: true, outcome: 'unknown' });
  });

  it('with wrong credentials or a wrong number is refused for good', async () => {
    expect(await failure(createTwilioSms({ ...TWILIO_ACCOUNT, token: 'wrong', baseUrl: server.url }))).toMatchObject({ code: 30002, retryable: false, foreignCode: 'Twilio 20003' });
    server.refuse({ status: 400, code: 21211 });
    expect(await failure(sms)).toMatchObject({ code: 30004, retryable: false, foreignCode: 'Twilio 21211' });
  });

  it('that nobody answers may be tried again', async () => {
    expect(await failure(createWebhook({ url: 'http://127.0.0.1:9/hook' }))).toMatchObject({ code: 30003, retryable: true, outcome: 'unknown' });
  });

  it('shows neither account, token nor numbers in an error', async () => {
    server.refuse({ status: 400, code: 21211 });
    const error = await failure(sms);
    const shown = `${error.message} ${error.fix} ${JSON.stringify(error)} ${String(error.stack)}`;
    for (const secret of Object.values(TWILIO_ACCOUNT)) expect(shown).not.toContain(secret);
  });
});
