/** What a graceful restart waits for. All of it is asking; a repetition begins to wait anew, within the limit it is given. */
import { BotError } from '../../../core/errors/bot-error.js';
import type { BotStatus } from '../../../workflows/messages.js';
import { orUndefined } from '../framework/or-undefined.js';
import type { Probe, RestartDependencies } from './restart-dependencies.js';

const ASK_EVERY_MS = 200;
/** so long without an answer means that nobody works on anything */
const SILENCE_MS_MAX = 3_000;
/** a feed that lives has told of the newest candle by then */
const ANNOUNCE_AFTER_MS = 1_000;

export interface Quiet {
  /** plain words; empty: nothing is in flight */
  open: string[];
  detail: string;
}

/** Until no trade is being opened or closed. `untilMs`: host ms at which it gives up and says what is still open. */
export function untilQuiet({ bot, closingsUnderWay, now, pulse }: Pick<RestartDependencies, 'bot' | 'closingsUnderWay' | 'now' | 'pulse'>): (limit: { untilMs: number }) => Promise<Quiet> {
  return async ({ untilMs }) => {
    let answeredMs = now();
    for (;;) {
      const open = await inFlight(bot, closingsUnderWay);
      if (open !== undefined) answeredMs = now();
      if (open?.length === 0) return { open, detail: 'no operation is in flight' };
      if (open !== undefined && now() >= untilMs) return { open, detail: `goes on with what is still open: ${open.join('; ')}; Temporal takes it up again in the new process` };
      if (now() - answeredMs > SILENCE_MS_MAX) return { open: [], detail: 'no trading worker answers: nothing is being worked on' };
      await pulse(ASK_EVERY_MS);
    }
  };
}

/** undefined: nobody can say */
async function inFlight(bot: RestartDependencies['bot'], closingsUnderWay: RestartDependencies['closingsUnderWay']): Promise<string[] | undefined> {
  const [status, closings] = await Promise.all([orUndefined(() => bot.status()), orUndefined(closingsUnderWay)]);
  if (status === undefined) return undefined;
  const moving = status.openTrades.filter(({ state }) => state !== 'open');
  return [...moving.map(({ tradeId, symbol, state }) => `${tradeId} (${symbol}) is ${state}`), ...(closings ?? []).map((id) => `${id} is closing a position`)];
}

export interface HealthWanted {
  /** host ms; parts that were restarted must have been seen at work after it */
  sinceMs: number;
  /** names of probes of parts that were restarted */
  renewed: string[];
  /** of the restarted API */
  urls: string[];
  untilMs: number;
}

/** Until every vital part is well and the restarted ones have been seen after their start. Rejects with 10006 at the limit. */
export function untilHealthy({ probes, serves, now, pulse }: Pick<RestartDependencies, 'probes' | 'serves' | 'now' | 'pulse'>): (wanted: HealthWanted) => Promise<string> {
  return async (wanted) => {
    for (;;) {
      const ills = (await Promise.all([...probes.map((probe) => illOf(probe, wanted)), ...wanted.urls.map(async (url) => ((await serves(url)) ? undefined : `${url} does not answer`))]))
        .filter((ill) => ill !== undefined);
      if (ills.length === 0) return `all parts are well: ${probes.map(({ name }) => name).join(', ')}`;
      if (now() >= wanted.untilMs) throw new BotError(10006, `not well after the restart: ${ills.join('; ')}`, { fix: 'GET /health says what is wrong; trading stays paused until you resume it', retryable: false });
      await pulse(ASK_EVERY_MS);
    }
  };
}

/** undefined: well, or no obstacle */
async function illOf({ name, vital, check }: Probe, { sinceMs, renewed }: HealthWanted): Promise<string | undefined> {
  const isRenewed = renewed.includes(name);
  if (!vital && !isRenewed) return undefined;
  const finding = await orUndefined(check);
  if (finding === undefined) return `${name} does not answer`;
  if (finding.state === 'down') return `${name}: ${finding.detail}`;
  const isOld = isRenewed && finding.seenAtMs !== undefined && (finding.seenAtMs === null || finding.seenAtMs < sinceMs);
  return isOld ? `${name}: not seen since the restart` : undefined;
}

/** Until the bot has decided on the candle that closes then; a bot that is stopped decides nothing. Rejects with 40006 at the limit. */
export function untilDecided({ bot, announceCandle, now, pulse }: Pick<RestartDependencies, 'bot' | 'announceCandle' | 'now' | 'pulse'>): (wanted: { closeMs: number; untilMs: number }) => Promise<string> {
  return async ({ closeMs, untilMs }) => {
    const candle = new Date(closeMs).toISOString();
    const announceFromMs = now() + ANNOUNCE_AFTER_MS;
    for (let announced = false; ; ) {
      const status = await orUndefined<BotStatus>(() => bot.status());
      if (status?.lifecycle === 'stopped') return 'the bot is stopped: it decides on no candle';
      if (status !== undefined && status.decidedThroughMs >= closeMs) return `the bot has decided on the candle of ${candle}`;
      if (now() >= untilMs) throw new BotError(40006, `the bot has not decided on the candle of ${candle}`, { fix: 'look at the workflow trading-bot in the Temporal Web UI; trading stays paused until you resume it', retryable: false });
      if (!announced && now() >= announceFromMs) {
        await announceCandle(closeMs);
        announced = true;
      }
      await pulse(ASK_EVERY_MS);
    }
  };
}
