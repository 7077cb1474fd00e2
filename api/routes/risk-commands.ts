/** `POST /api/v1/risk/reset-daily-limits`: a new loss budget from the present equity; a bot that paused itself stays paused until resumed. */
import type { ApiDependencies } from '../api-dependencies.js';
import { defineOrder } from '../order-command.js';
import { NOTHING, type Route } from '../route.js';

export function resetDailyLimitsRoute(dependencies: ApiDependencies): Route {
  return defineOrder({
    path: '/api/v1/risk/reset-daily-limits',
    summary: 'Count the losses of the day anew from the present equity',
    role: 'operator',
    what: 'risk.reset_daily_limits',
    body: NOTHING,
    order: () => ({ verb: 'reset_daily_limits' }),
  }, dependencies);
}
