/**
 * The way of one entry from the closed candle to the exchange's acknowledgement, instant by instant, put together from the
 * histories of the bot and of the trade, and from the intent's row in the ledger.
 */
import { z } from 'zod';
import { BOT_WORKFLOW_ID, candlesClosedSignal } from '../../workflows/messages.js';
import { decoded, EVENT, ofType, timeOf, type Histories, type HistoryEvent } from './histories.js';

/** Host ms, ascending. */
export interface EntryTimeline {
  /** the feed received the last candle of the boundary */
  received: number;
  /** Temporal has the feed's signal */
  signalled: number;
  /** the bot's worker takes the workflow task in which it evaluates */
  botTaken: number;
  /** the bot workflow asks for the evaluation: account, candles, strategies, ledger */
  evaluationAsked: number;
  evaluated: number;
  /** the bot's decision is durable, the trade is ordered to start */
  decided: number;
  /** the trade workflow exists */
  tradeStarted: number;
  /** a worker takes its first workflow task */
  tradeTaken: number;
  /** the trade workflow has asked for its order */
  orderAsked: number;
  /** the activity that places it has begun */
  placing: number;
  /** trade and intent stand in the ledger */
  intended: number;
  /** the exchange has acknowledged the order, and Temporal knows */
  acknowledged: number;
}

const tradeInput = z.looseObject({ trade: z.looseObject({ tradeId: z.string(), decidedMs: z.number() }) });
const announcement = z.looseObject({ closeMs: z.number(), receivedAtMs: z.number() });
const placement = z.looseObject({ kind: z.string() });

/** Trades whose entry was refused, or whose bot history is gone, have no timeline. */
export async function entryTimelines(histories: Histories, intents: ReadonlyMap<string, number>): Promise<EntryTimeline[]> {
  const botRuns = new Map<string, Promise<HistoryEvent[]>>();
  const botRun = (runId: string): Promise<HistoryEvent[]> => {
    const known = botRuns.get(runId) ?? histories.run(BOT_WORKFLOW_ID, runId);
    botRuns.set(runId, known);
    return known;
  };
  const timelines: EntryTimeline[] = [];
  for (const trade of await histories.trades()) {
    const started = trade[0]?.workflowExecutionStartedEventAttributes;
    const runId = started?.parentWorkflowExecution?.runId;
    const input = tradeInput.safeParse(decoded(started?.input));
    if (!runId || !input.success) continue;
    const { tradeId, decidedMs } = input.data.trade;
    const decision = decisionTimes(await botRun(runId), { decidedMs, initiatedId: Number(started.parentInitiatedEventId) });
    const placing = placingTimes(trade);
    const intended = intents.get(tradeId);
    if (decision && placing && intended !== undefined) timelines.push({ ...decision, ...placing, intended });
  }
  return timelines;
}

type DecisionTimes = Pick<EntryTimeline, 'received' | 'signalled' | 'botTaken' | 'evaluationAsked' | 'evaluated' | 'decided'>;

function decisionTimes(bot: readonly HistoryEvent[], { decidedMs, initiatedId }: { decidedMs: number; initiatedId: number }): DecisionTimes | undefined {
  const signal = ofType(bot, EVENT.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    .filter(({ workflowExecutionSignaledEventAttributes }) => workflowExecutionSignaledEventAttributes?.signalName === candlesClosedSignal.name)
    .map((event) => ({ event, closed: announcement.parse(decoded(event.workflowExecutionSignaledEventAttributes?.input)) }))
    .find(({ closed }) => closed.closeMs === decidedMs);
  const initiated = bot.find(({ eventId }) => Number(eventId) === initiatedId);
  const evaluation = evaluationBefore(bot, initiatedId);
  if (!signal || !initiated || !evaluation) return undefined;
  return { received: signal.closed.receivedAtMs, signalled: timeOf(signal.event), decided: timeOf(initiated), ...evaluation };
}

/** The last evaluation before the event: when the bot's task began that asked for it, when it was asked for, and when it was over. */
function evaluationBefore(bot: readonly HistoryEvent[], eventId: number): Pick<EntryTimeline, 'botTaken' | 'evaluationAsked' | 'evaluated'> | undefined {
  const asked = ofType(bot, EVENT.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    .findLast((event) => Number(event.eventId) < eventId && event.activityTaskScheduledEventAttributes?.activityType?.name === 'evaluateBoundary');
  if (!asked) return undefined;
  const taken = ofType(bot, EVENT.EVENT_TYPE_WORKFLOW_TASK_STARTED).findLast((event) => Number(event.eventId) < Number(asked.eventId));
  const done = ofType(bot, EVENT.EVENT_TYPE_ACTIVITY_TASK_COMPLETED).find((event) => Number(event.activityTaskCompletedEventAttributes?.scheduledEventId) === Number(asked.eventId));
  return taken && done && { botTaken: timeOf(taken), evaluationAsked: timeOf(asked), evaluated: timeOf(done) };
}

type PlacingTimes = Pick<EntryTimeline, 'tradeStarted' | 'tradeTaken' | 'orderAsked' | 'placing' | 'acknowledged'>;

function placingTimes(trade: readonly HistoryEvent[]): PlacingTimes | undefined {
  const asked = ofType(trade, EVENT.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED).find(({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes?.activityType?.name === 'placeEntry');
  if (!asked) return undefined;
  const belongs = (scheduledEventId: unknown): boolean => Number(scheduledEventId) === Number(asked.eventId);
  const begun = ofType(trade, EVENT.EVENT_TYPE_ACTIVITY_TASK_STARTED).find((event) => belongs(event.activityTaskStartedEventAttributes?.scheduledEventId));
  const done = ofType(trade, EVENT.EVENT_TYPE_ACTIVITY_TASK_COMPLETED).find((event) => belongs(event.activityTaskCompletedEventAttributes?.scheduledEventId));
  const [started] = trade;
  const [taken] = ofType(trade, EVENT.EVENT_TYPE_WORKFLOW_TASK_STARTED);
  if (!started || !taken || !begun || !done || placement.parse(decoded(done.activityTaskCompletedEventAttributes?.result)).kind !== 'placed') return undefined;
  return { tradeStarted: timeOf(started), tradeTaken: timeOf(taken), orderAsked: timeOf(asked), placing: timeOf(begun), acknowledged: timeOf(done) };
}
