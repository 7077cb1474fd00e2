/**
 * The bot of one account: owns lifecycle, risk state and the open trades, and decides at every candle boundary.
 *
 * Invariants
 * 1. Handlers change state and close positions; only one loop decides and enters, so no two decisions can interleave.
 *    Messages that come before the bot has read its memory wait for it.
 * 2. A boundary is decided once, over all strategies at once, with the first wallet seen at it (docs/adr/0003).
 * 3. A boundary counts as dealt with when its trades are settled; a newer boundary ends the waiting.
 * 4. Everything is carried through continue-as-new as plain JSON; what Temporal might lose stands in the ledger too.
 */
import { allHandlersFinished, ApplicationFailure, condition, continueAsNew, isCancellation, log, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import { recovery } from './bot/bot-activities.js';
import { BotLoop } from './bot/bot-loop.js';
import { botStateFrom, completed, type BotState } from './bot/bot-state.js';
import { overviewOf, riskOf, statusOf } from './bot/bot-views.js';
import { Orders, type AnyCommand } from './bot/orders.js';
import { describeFailure } from './failure-detail.js';
import {
  accountChangedSignal, candlesClosedSignal, commandSignal, commandUpdate, internalStateQuery, overviewQuery, pauseSignal, pauseUpdate, resumeSignal,
  resumeUpdate, riskQuery, statusQuery, stopSignal, stopUpdate, strategiesQuery, tradeClosedSignal, type CommandRequest, type CommandResult,
} from './messages.js';

/**
 * A restarted worker replays the whole history before the next decision, within the time of one workflow task (10 s). 4096
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
  orders: Orders | undefined;
}

export async function tradingBot(carried?: BotState): Promise<void> {
  const desk: Desk = { loop: undefined, orders: undefined };
  if (carried) sitDown(desk, completed(carried));
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
  const loop = sitDown(desk, botStateFrom(recovered, Date.now()));
  await loop.resumeTrades(recovered.openTrades);
  return loop;
}

function sitDown(desk: Desk, state: BotState): BotLoop {
  const loop = new BotLoop(state);
  desk.loop = loop;
  desk.orders = new Orders(state, loop.desk);
  return loop;
}

function setMessageHandlers(desk: Desk): void {
  const byUpdate = (verb: LifecycleVerb) => (request: CommandRequest) => obey(desk, { verb, ...request });
  const bySignal = (verb: LifecycleVerb) => (request?: CommandRequest | null) =>
    heed(desk, { verb, ...(request ?? { requestId: uuid4(), reason: 'signal without a reason', actor: 'Temporal signal' }) });
  setHandler(pauseSignal, bySignal('pause'));
  setHandler(resumeSignal, bySignal('resume'));
  setHandler(stopSignal, bySignal('stop'));
  setHandler(commandSignal, (command) => heed(desk, command));
  setHandler(pauseUpdate, byUpdate('pause'));
  setHandler(resumeUpdate, byUpdate('resume'));
  setHandler(stopUpdate, byUpdate('stop'));
  setHandler(commandUpdate, (command) => obey(desk, command));
  setHandler(candlesClosedSignal, async (closed) => (await ready(desk)).announce(closed));
  setHandler(accountChangedSignal, async ({ symbols }) => (await ready(desk)).accountChanged(symbols));
  setHandler(tradeClosedSignal, async (report) => (await ready(desk)).tradeReported(report));
  setHandler(statusQuery, () => statusOf(stateOf(desk)));
  setHandler(riskQuery, () => riskOf(stateOf(desk)));
  setHandler(strategiesQuery, () => stateOf(desk).views);
  setHandler(internalStateQuery, () => ({ ...stateOf(desk) }));
  setHandler(overviewQuery, () => overviewOf(stateOf(desk)));
}

type LifecycleVerb = 'pause' | 'resume' | 'stop';

async function obey(desk: Desk, command: AnyCommand): Promise<CommandResult> {
  const loop = await ready(desk);
  const result = await (desk.orders as Orders).obey(command);
  loop.wake();
  return result;
}

/** Nobody waits for the answer of a signal: a refusal goes to the log. */
async function heed(desk: Desk, command: AnyCommand): Promise<void> {
  try {
    await obey(desk, command);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { verb, requestId, actor } = (command as AnyCommand | null | undefined) ?? {};
    log.warn('Command refused', { verb, requestId, actor, ...describeFailure(error) });
  }
}

async function ready(desk: Desk): Promise<BotLoop> {
  if (!desk.loop) await condition(() => desk.loop !== undefined);
  return desk.loop as BotLoop;
}

function stateOf(desk: Desk): BotState {
  if (!desk.loop) throw ApplicationFailure.nonRetryable('the bot is still reading its memory from the ledger');
  return desk.loop.state;
}
