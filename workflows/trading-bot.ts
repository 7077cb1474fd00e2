/**
 * The bot of one account: owns lifecycle, risk state and the open trades, and decides at every candle boundary.
 *
 * Invariants
 * 1. Handlers only change state; one loop acts, so no two decisions can interleave. Messages that come before the bot has
 *    read its memory wait for it.
 * 2. A boundary is decided once, over all strategies at once, with the first wallet seen at it (docs/adr/0003).
 * 3. A boundary counts as dealt with when its trades are settled; a newer boundary ends the waiting.
 * 4. Everything is carried through continue-as-new as plain JSON; what Temporal might lose stands in the ledger too.
 */
import { allHandlersFinished, ApplicationFailure, condition, continueAsNew, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import { recovery } from './bot/bot-activities.js';
import { BotLoop } from './bot/bot-loop.js';
import { botStateFrom, type BotState } from './bot/bot-state.js';
import { riskOf, statusOf } from './bot/bot-views.js';
import { applyCommand } from './bot/commands.js';
import {
  accountChangedSignal, candlesClosedSignal, internalStateQuery, pauseSignal, pauseUpdate, resumeSignal, resumeUpdate, riskQuery,
  statusQuery, stopSignal, stopUpdate, strategiesQuery, tradeClosedSignal, type CommandRequest, type CommandResult, type Lifecycle,
} from './messages.js';

/**
 * A restarted worker replays the whole history before the next decision, within the time of one workflow task (5 s). 4096
 * events, where the server suggests to continue as new, take longer than that on a busy machine; a thousand do not.
 */
const HISTORY_EVENTS_MAX = 1_000;

function isHistoryLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > HISTORY_EVENTS_MAX;
}

/** What the handlers work on; the loop appears once the bot has read its memory. */
interface Desk {
  loop: BotLoop | undefined;
}

export async function tradingBot(carried?: BotState): Promise<void> {
  const desk: Desk = { loop: carried && new BotLoop(carried) };
  setMessageHandlers(desk);
  const loop = desk.loop ?? (await rebuild(desk));
  loop.state.runs += 1;
  for (;;) {
    await loop.work();
    if (isHistoryLong()) break;
    await loop.keepMemory();
    await loop.waitForReason();
  }
  await loop.quiesce();
  await condition(allHandlersFinished);
  await continueAsNew<typeof tradingBot>(loop.state);
}

async function rebuild(desk: Desk): Promise<BotLoop> {
  const recovered = await recovery.recoverBot();
  const loop = new BotLoop(botStateFrom(recovered, Date.now()));
  desk.loop = loop;
  await loop.resumeTrades(recovered.openTrades);
  return loop;
}

function setMessageHandlers(desk: Desk): void {
  const command = (lifecycle: Exclude<Lifecycle, 'starting'>) => (request: CommandRequest) => obey(desk, lifecycle, request);
  const bySignal = (lifecycle: Exclude<Lifecycle, 'starting'>) => async (request?: CommandRequest) => {
    await obey(desk, lifecycle, request ?? { requestId: uuid4(), reason: 'signal without a reason', actor: 'Temporal signal' });
  };
  setHandler(pauseSignal, bySignal('paused'));
  setHandler(resumeSignal, bySignal('running'));
  setHandler(stopSignal, bySignal('stopped'));
  setHandler(pauseUpdate, command('paused'));
  setHandler(resumeUpdate, command('running'));
  setHandler(stopUpdate, command('stopped'));
  setHandler(candlesClosedSignal, async ({ closeMs }) => (await ready(desk)).announce(closeMs));
  setHandler(accountChangedSignal, async ({ symbols }) => (await ready(desk)).accountChanged(symbols));
  setHandler(tradeClosedSignal, async (report) => (await ready(desk)).tradeReported(report));
  setHandler(statusQuery, () => statusOf(stateOf(desk)));
  setHandler(riskQuery, () => riskOf(stateOf(desk)));
  setHandler(strategiesQuery, () => stateOf(desk).views);
  setHandler(internalStateQuery, () => ({ ...stateOf(desk) }));
}

async function obey(desk: Desk, lifecycle: Exclude<Lifecycle, 'starting'>, request: CommandRequest): Promise<CommandResult> {
  const loop = await ready(desk);
  const result = applyCommand(loop.state, lifecycle, { ...request, nowMs: Date.now() });
  loop.wake();
  return result;
}

async function ready(desk: Desk): Promise<BotLoop> {
  if (!desk.loop) await condition(() => desk.loop !== undefined);
  return desk.loop as BotLoop;
}

function stateOf(desk: Desk): BotState {
  if (!desk.loop) throw ApplicationFailure.nonRetryable('the bot is still reading its memory from the ledger');
  return desk.loop.state;
}
