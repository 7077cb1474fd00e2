/** Orders about strategies: enable, disable, restart. The views are the list of what is configured. */
import { BotError } from '../../core/errors/bot-error.js';
import type { StrategyView } from '../messages.js';
import type { BotState } from './bot-state.js';

interface Done { changed: boolean; detail: string }

/** An order that says what the configuration says is no order against it, and is forgotten. */
export function orderStrategy(state: BotState, { name, enabled }: { name: string; enabled: boolean }): Done {
  const view = viewNamed(state, name);
  const wanted = enabled ? 'enabled' : 'disabled';
  if (view.enabled === enabled) return { changed: false, detail: `${name} was ${wanted} already` };
  if (enabled) assertSymbolIsFree(state, view);
  const configured = view.enabledBy === 'operator' ? !view.enabled : view.enabled;
  const { [name]: _, ...others } = state.overrides;
  state.overrides = configured === enabled ? others : { ...others, [name]: enabled };
  replaceView(state, { ...view, enabled, enabledBy: configured === enabled ? 'configuration' : 'operator' });
  return { changed: true, detail: `${name} is ${wanted} from the next candle on${enabled ? '' : ': no entries, exits go on'}` };
}

/** Empty: all. */
export function restartStrategies(state: BotState, names: readonly string[]): Done {
  const views = names.length === 0 ? state.views : names.map((name) => viewNamed(state, name));
  state.forget = [...new Set([...state.forget, ...views.map(({ name }) => name)])];
  for (const view of views) replaceView(state, { ...view, problem: null, verdict: 'restarted: its candles are read anew at the next candle' });
  return { changed: views.length > 0, detail: `${views.map(({ name }) => name).join(', ') || 'no strategy'}: candles are read anew and evaluated at the next candle` };
}

/** Two strategies on one symbol would trade one position against each other. */
function assertSymbolIsFree({ views }: BotState, { name, symbol }: StrategyView): void {
  const other = views.find((view) => view.enabled && view.symbol === symbol && view.name !== name);
  if (other === undefined) return;
  throw new BotError(20010, `${other.name} is enabled on ${symbol} already; one strategy per symbol`, { fix: `disable it first: POST /api/v1/strategies/${other.name}/disable` });
}

function viewNamed({ views }: BotState, name: string): StrategyView {
  const view = views.find((candidate) => candidate.name === name);
  if (view) return view;
  throw new BotError(10008, `there is no strategy ${name.slice(0, 64)}`, { fix: `one of: ${views.map((known) => known.name).join(', ')}` });
}

function replaceView(state: BotState, changed: StrategyView): void {
  state.views = state.views.map((view) => (view.name === changed.name ? changed : view));
}
