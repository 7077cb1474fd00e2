/** `bot status|pause|resume|stop`. */
import { EXIT, type ExitCode } from '../exit-codes.js';
import { commandReply, healthReply, statusReply } from '../replies.js';
import type { Session } from '../session.js';

export async function showStatus({ api, say, give }: Session): Promise<ExitCode> {
  const [bot, health] = await Promise.all([api.get('/api/v1/bot/status', statusReply), api.look('/health', healthReply)]);
  say(`${bot.state}${bot.since === null ? '' : ` since ${bot.since}`}: ${bot.reason}`);
  say(`mode ${bot.mode}, market: ${bot.market}`);
  say(`equity ${bot.equity ?? 'unknown'} USDT, decided through ${bot.decided_through ?? 'nothing yet'}`);
  if (bot.blocked_because !== null) say(`no entries: ${bot.blocked_because}`);
  say(bot.open_trades.length === 0 ? 'no open trades' : bot.open_trades.map(({ trade_id: id, strategy, symbol, side, state }) => `  ${state} ${side} ${symbol} by ${strategy} (${id})`).join('\n'));
  say(`health: ${health.status}`);
  for (const [name, { state, detail }] of Object.entries(health.dependencies)) if (state !== 'ok') say(`  ${name} is ${state}: ${detail}`);
  give({ bot, health });
  return health.status === 'ok' ? EXIT.ok : EXIT.degraded;
}

export async function commandBot({ api, say, give }: Session, { verb, reason }: { verb: 'pause' | 'resume' | 'stop'; reason: string }): Promise<ExitCode> {
  const reply = await api.post(`/api/v1/bot/${verb}`, { reason }, commandReply);
  say(reply.detail);
  give(reply);
  const wanted = { pause: 'paused', resume: 'running', stop: 'stopped' }[verb];
  return reply.state === wanted ? EXIT.ok : EXIT.degraded;
}
