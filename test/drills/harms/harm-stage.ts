/** A whole stack whose backups are encrypted and copied to a real storage over a link that can be cut, and whose text messages are refused. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { startS3, type S3Server } from '../../support/s3-server.js';
import { openSeverableLink, type SeverableLink } from '../../support/severable-link.js';
import { startTwilioServer, TWILIO_ACCOUNT, type TwilioServer } from '../../support/twilio-server.js';
import { writeChattyConfiguration } from '../chatty-configuration.js';
import { startDrilledStack, type DrilledStack, type DrillMarket } from '../drilled-stack.js';

export interface HarmStage {
  drilled: DrilledStack;
  /** to the storage; undefined: no S3 server can be had here */
  storage: SeverableLink | undefined;
  messages: TwilioServer;
  /** the file that holds the identity which opens the backups */
  identityFile: string;
  end(): Promise<void>;
}

export async function setHarmStage(market: DrillMarket): Promise<HarmStage> {
  const folder = await mkdtemp(path.join(tmpdir(), 'harms-'));
  const identityFile = path.join(folder, 'identity.txt');
  const identity = await generateX25519Identity();
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600 });
  const [server, messages] = [await startS3(), await startTwilioServer()];
  const storage = server === undefined ? undefined : await openSeverableLink({ host: '127.0.0.1', port: server.port });
  const s3 = server === undefined || storage === undefined ? {} : { s3: { endpoint: `http://127.0.0.1:${storage.port}`, region: server.settings.region, bucket: server.settings.bucket, prefix: 'drill' } };
  const configPath = await writeChattyConfiguration('5', { backup: { age_recipients: [await identityToRecipient(identity)], ...s3 } });
  const drilled = await startDrilledStack({ market, configPath, env: { ...variables(server, messages), BACKUP_AGE_IDENTITY_FILE: identityFile } });
  return {
    drilled, storage, messages, identityFile,
    end: async () => {
      await drilled.end();
      await storage?.close();
      await Promise.all([server?.stop(), messages.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** The token is a wrong one: Twilio refuses every message of this stack. */
function variables(server: S3Server | undefined, { url }: TwilioServer): NodeJS.ProcessEnv {
  const { accountSid, from, to } = TWILIO_ACCOUNT;
  const keys = server?.settings.credentials;
  return {
    TWILIO_SID: accountSid, TWILIO_TOKEN: 'not-the-token', TWILIO_FROM: from, EMERGENCY_PHONE: to, TWILIO_API_URL: url, EMERGENCY_WEBHOOK_URL: `${url}/hook`,
    ...(keys === undefined ? {} : { BACKUP_S3_ACCESS_KEY_ID: keys.accessKeyId, BACKUP_S3_SECRET_ACCESS_KEY: keys.secretAccessKey }),
  };
}
