/** Decides for each request, frame and order whether a fault happens now. */
import type { PartialFillPlan } from '../../core/matching/contract.js';
import { seedOf, uniformFrom } from '../market/seeded-random.js';
import type { FaultKind, FaultPlan, FaultRule } from './fault-rule.js';

type RuleOf<Kind extends FaultKind> = Extract<FaultRule, { kind: Kind }>;
export type ReplyFault = RuleOf<'dropReply' | 'delayReply' | 'retCode' | 'httpStatus' | 'nonJson'>;
export type SocketFault = RuleOf<'dropSocket' | 'silentSocket'>;
export type SocketKind = 'public' | 'private' | 'trade';

export interface ActiveRule {
  id: number;
  rule: FaultRule;
  /** how often its place came up, and how often it fired */
  matches: number;
  fired: number;
}

const REPLY_KINDS: readonly FaultKind[] = ['dropReply', 'delayReply', 'retCode', 'httpStatus', 'nonJson'];

export class FaultInjector {
  private active: ActiveRule[] = [];
  private seed: number;
  private nextId = 1;

  constructor(plan: FaultPlan) {
    this.seed = plan.seed;
    this.add(plan);
  }

  add(plan: FaultPlan): ActiveRule[] {
    this.seed = plan.seed;
    const added = plan.rules.map((rule) => ({ id: this.nextId++, rule, matches: 0, fired: 0 }));
    this.active.push(...added);
    return added;
  }

  list(): readonly ActiveRule[] {
    return this.active;
  }

  clear(): void {
    this.active = [];
  }

  remove(id: number): boolean {
    const before = this.active.length;
    this.active = this.active.filter((entry) => entry.id !== id);
    return this.active.length < before;
  }

  /** The fault of this private request's reply, if any; maintenance may refuse all of them. */
  forPrivateReply(path: string): ReplyFault | undefined {
    const maintenance = this.active.find((entry) => entry.rule.kind === 'maintenance' && entry.rule.refuse);
    if (maintenance !== undefined) return { kind: 'retCode', endpoint: '*', retCode: 10016, retMsg: 'Service is restarting, please try again later', executed: false };
    return this.forPublicReply(path);
  }

  forPublicReply(path: string): ReplyFault | undefined {
    return this.firstFiring((rule): rule is ReplyFault => REPLY_KINDS.includes(rule.kind) && 'endpoint' in rule && (rule.endpoint === '*' || rule.endpoint === path));
  }

  /** The fault of this socket at this frame, if any. */
  forSocket(kind: SocketKind): SocketFault | undefined {
    return this.firstFiring((rule): rule is SocketFault => 'socket' in rule && (rule.socket === '*' || rule.socket === kind));
  }

  /** What happens to the candles of this reply, if anything. */
  candleChange(): RuleOf<'candles'>['change'] | undefined {
    return this.firstFiring((rule): rule is RuleOf<'candles'> => rule.kind === 'candles')?.change;
  }

  /** What a new order gets when it shall be filled in parts. */
  fillPlan(): { partialFills?: PartialFillPlan } {
    const rule = this.firstFiring((candidate): candidate is RuleOf<'partialFills'> => candidate.kind === 'partialFills');
    if (rule === undefined) return {};
    return { partialFills: { seed: rule.seed, maxParts: rule.maxParts, cancelRemainder: rule.cancelRemainder } };
  }

  historyLagMs(): number {
    return this.active.reduce((lag, { rule }) => (rule.kind === 'lateHistory' ? Math.max(lag, rule.lagMs) : lag), 0);
  }

  isUnderMaintenance(): boolean {
    return this.active.some(({ rule }) => rule.kind === 'maintenance');
  }

  private firstFiring<Rule extends FaultRule>(applies: (rule: FaultRule) => rule is Rule): Rule | undefined {
    for (const entry of this.active) {
      const { rule } = entry;
      if (applies(rule) && this.fires(entry)) return rule;
    }
    return undefined;
  }

  private fires(entry: ActiveRule): boolean {
    const { rule } = entry;
    const { every, probability, limit } = 'every' in rule || 'probability' in rule || 'limit' in rule ? rule : {};
    if (limit !== undefined && entry.fired >= limit) return false;
    entry.matches += 1;
    if (every !== undefined && entry.matches % every !== 0) return false;
    if (probability !== undefined && uniformFrom(seedOf(this.seed, entry.id, entry.matches))() >= probability) return false;
    entry.fired += 1;
    return true;
  }
}
