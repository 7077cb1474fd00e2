/**
 * The HTTP side of the bot: Express with its guards, the routes, and problem documents for everything that goes wrong.
 *
 * Invariants
 * 1. Every request passes the host and the site check, then the question who calls and how often, before anything else looks at it.
 * 2. Every request is answered within its time limit and counted, whatever happens to it.
 * 3. Every error reply is a problem document.
 */
import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { ApiDependencies } from './api-dependencies.js';
import { refuseForeignHosts, refuseForeignSites } from './guards.js';
import { createHealth, healthRoute } from './health.js';
import { createMetrics, type Metrics } from './metrics.js';
import { openApiDocument } from './openapi.js';
import { PROBLEM_TYPE, problemOf, RefusedRequest } from './problem.js';
import { parseBody, type Caller, type Reply, type Route } from './route.js';
import { accountBalanceRoute } from './routes/account-balance.js';
import { apiAuditRoute } from './routes/api-audit.js';
import { apiStatsRoute } from './routes/api-stats.js';
import { dailyPnlRoute } from './routes/analytics-daily-pnl.js';
import { strategyPerformanceRoute } from './routes/analytics-strategy-performance.js';
import { tradeSummaryRoute } from './routes/analytics-trade-summary.js';
import { backupRoute, backupsRoute } from './routes/backups.js';
import { botCommandRoute } from './routes/bot-commands.js';
import { botStatusRoute } from './routes/bot-status.js';
import { configReloadRoute, configRoute } from './routes/config.js';
import { dataDebugRoute } from './routes/data-debug.js';
import { emergencyRoute, emergencyStopRoute } from './routes/emergency-commands.js';
import { errorsRoute } from './routes/errors.js';
import { executionTimesRoute } from './routes/execution-times.js';
import { internalStateRoute } from './routes/internal-state.js';
import { closeAllRoute, closePositionRoute } from './routes/position-commands.js';
import { logsRoute } from './routes/logs.js';
import { databaseDebugRoute } from './routes/database-debug.js';
import { memoryUsageRoute } from './routes/memory-usage.js';
import { activePositionsRoute, stopLossesRoute } from './routes/positions.js';
import { recentTradesRoute } from './routes/recent-trades.js';
import { cancelRunRoute, runRoute, runsRoute } from './routes/runbook-runs.js';
import { runbookRoutes } from './routes/runbooks.js';
import { resetDailyLimitsRoute } from './routes/risk-commands.js';
import { riskDebugRoute } from './routes/risk-debug.js';
import { currentExposureRoute, dailyLimitsRoute } from './routes/risk-figures.js';
import { saveStateRoute } from './routes/state-commands.js';
import { strategiesDebugRoute } from './routes/strategies-debug.js';
import { restartStrategiesRoute, switchStrategyRoute } from './routes/strategy-commands.js';
import { workflowRoute } from './routes/workflows.js';
import { authenticate, demandRole, identityOf } from './security/authentication.js';
import { remoteAddress } from './security/connection.js';
import { limitRequests } from './security/request-limit.js';
import { SharedAnswers } from './shared-answers.js';
import { withinLimit } from './time-limit.js';

const BODY_BYTES_MAX = 64 * 1024;
/** above every time limit of what a route asks, so that the more telling error comes first */
const REQUEST_TIMEOUT_MS = 12_000;
/** how long an answer is given to everybody who asks the same; its `as_of` says of when it is */
const SHARED_FOR_MS = 250;
/** readers of a question in demand wait so long for the next answer before they get the last one, and it may be so old */
const PATIENCE_MS = 20;
const IN_DEMAND_MS = 1_000;
const LAST_ANSWER_MS_MAX = 5_000;
const SHARED_ANSWERS_MAX = 500;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

export function createApi(dependencies: ApiDependencies): Express {
  const { access, logger } = dependencies;
  const routes = routesOf(dependencies);
  const metrics = createMetrics(dependencies, sharedAnswers<undefined>());
  const app = express();
  app.disable('x-powered-by').set('etag', false).set('query parser', 'simple').set('case sensitive routing', true);
  app.use(identify(metrics), helmet(), refuseForeignHosts(access), refuseForeignSites(access), authenticate(access, logger), limitRequests(access));
  app.use(express.text({ type: () => true, limit: BODY_BYTES_MAX }));
  const answers = sharedAnswers<Reply<unknown>>();
  for (const route of routes) mount(app, route, answers);
  refuseOtherMethods(app, routes);
  mountMetrics(app, metrics);
  const document = openApiDocument(routes, access);
  app.route('/openapi.json').get((_request, response) => void response.json(document)).all(refuseMethod('GET, HEAD'));
  app.use((request: Request) => {
    throw new RefusedRequest(404, `there is no ${request.method} ${request.path}`, { fix: 'GET /openapi.json lists what there is' });
  });
  app.use(answerWithProblem(dependencies));
  return app;
}

function sharedAnswers<T>(): SharedAnswers<T> {
  return new SharedAnswers<T>({
    ageMaxMs: SHARED_FOR_MS, patienceMs: PATIENCE_MS, demandMs: IN_DEMAND_MS, lastMaxMs: LAST_ANSWER_MS_MAX, entriesMax: SHARED_ANSWERS_MAX, elapsed: () => performance.now(),
  });
}

function routesOf(dependencies: ApiDependencies): Route[] {
  return [
    healthRoute(createHealth(dependencies)),
    botStatusRoute(dependencies),
    botCommandRoute('pause', dependencies),
    botCommandRoute('resume', dependencies),
    botCommandRoute('stop', dependencies),
    recentTradesRoute(dependencies),
    activePositionsRoute(dependencies),
    stopLossesRoute(dependencies),
    accountBalanceRoute(dependencies),
    dailyPnlRoute(dependencies),
    strategyPerformanceRoute(dependencies),
    tradeSummaryRoute(dependencies),
    logsRoute(dependencies),
    closePositionRoute(dependencies),
    closeAllRoute(dependencies),
    currentExposureRoute(dependencies),
    dailyLimitsRoute(dependencies),
    riskDebugRoute(dependencies),
    resetDailyLimitsRoute(dependencies),
    strategiesDebugRoute(dependencies),
    restartStrategiesRoute(dependencies),
    switchStrategyRoute('enable', dependencies),
    switchStrategyRoute('disable', dependencies),
    dataDebugRoute(dependencies),
    internalStateRoute(dependencies),
    workflowRoute(dependencies),
    saveStateRoute('save', dependencies),
    saveStateRoute('emergency', dependencies),
    emergencyStopRoute(dependencies),
    emergencyRoute(dependencies),
    configRoute(dependencies),
    configReloadRoute(dependencies),
    errorsRoute(dependencies),
    runsRoute(dependencies),
    runRoute(dependencies),
    cancelRunRoute(dependencies),
    ...runbookRoutes(dependencies),
    backupsRoute(dependencies),
    backupRoute(dependencies),
    apiStatsRoute(dependencies),
    memoryUsageRoute(dependencies),
    databaseDebugRoute(dependencies),
    executionTimesRoute(dependencies),
    apiAuditRoute(dependencies),
  ];
}

function mount(app: Express, route: Route, answers: SharedAnswers<Reply<unknown>>): void {
  const handler = async (request: Request, response: Response): Promise<void> => {
    response.locals['route'] = route.path;
    demandRole(response, route.role);
    const input = { params: request.params, query: request.query, body: route.method === 'post' ? parseBody(textOf(request)) : {}, caller: callerOf(request, response) };
    const { status, body } = await withinLimit(answerTo({ route, input, question: request.originalUrl }, answers), { what: `${route.method.toUpperCase()} ${route.path}`, limitMs: REQUEST_TIMEOUT_MS });
    response.status(status).set('Cache-Control', 'no-store').json(body);
  };
  app.route(expressPath(route))[route.method](handler);
}

function expressPath({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** After all of them: one path may have a GET and a POST. */
function refuseOtherMethods(app: Express, routes: readonly Route[]): void {
  for (const path of new Set(routes.map(expressPath))) {
    const methods = routes.filter((route) => expressPath(route) === path).map(({ method }) => (method === 'get' ? 'GET, HEAD' : 'POST'));
    app.route(path).all(refuseMethod(methods.join(', ')));
  }
}

interface Question {
  route: Route;
  input: Parameters<Route['run']>[0];
  /** path and query, as asked */
  question: string;
}

/** Readers share an answer; a command is carried out by itself, and what was read before it counts no longer. */
async function answerTo({ route, input, question }: Question, answers: SharedAnswers<Reply<unknown>>): Promise<Reply<unknown>> {
  if (route.method === 'get') return answers.to(question, () => route.run(input));
  try {
    return await route.run(input);
  } finally {
    answers.forgetAll();
  }
}

function mountMetrics(app: Express, metrics: Metrics): void {
  const handler = async (_request: Request, response: Response): Promise<void> => {
    response.locals['route'] = '/metrics';
    response.type(metrics.contentType).send(await metrics.text());
  };
  app.route('/metrics').get(handler).all(refuseMethod('GET, HEAD'));
}

function refuseMethod(allowed: string): RequestHandler {
  return (request) => {
    throw new RefusedRequest(405, `${request.method} is not possible on ${request.path}`, { fix: `use ${allowed}`, headers: { Allow: allowed } });
  };
}

/** Gives the request its id, and counts it once it has been answered. */
function identify(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.set('X-Request-Id', requestId);
    response.once('finish', () => metrics.countRequest({ method: request.method, route: routeOf(response), status: response.statusCode }));
    next();
  };
}

/** One label for everything unknown: a caller must not be able to make up metric series. */
function routeOf(response: Response): string {
  const route: unknown = response.locals['route'];
  return typeof route === 'string' ? route : 'other';
}

function callerOf(request: Request, response: Response): Caller {
  const idempotencyKey = request.get('Idempotency-Key');
  if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
    throw new RefusedRequest(400, 'the Idempotency-Key header has a wrong value', { fix: 'give 1 to 128 visible ASCII characters, or leave it out' });
  }
  return { requestId: String(response.locals['requestId']), actor: identityOf(response).name, address: remoteAddress(request), origin: `http://${request.headers.host ?? 'localhost'}`, idempotencyKey };
}

function textOf(request: Request): string {
  const body: unknown = request.body;
  return typeof body === 'string' ? body : '';
}

function answerWithProblem({ logger }: ApiDependencies): ErrorRequestHandler {
  // eslint-disable-next-line max-params -- Express knows an error handler by its four parameters
  return (thrown: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(thrown);
    const error = ofExpress(thrown);
    const problem = problemOf(error, String(response.locals['requestId']));
    const fields = { requestId: problem.instance, method: request.method, path: request.path, status: problem.status, code: problem.code, error };
    // a caller's mistake is no failure of the bot, and must not fill its log
    if (error instanceof RefusedRequest) logger.debug('Request refused', fields);
    else logger[problem.severity]('Request failed', fields);
    if (error instanceof RefusedRequest) response.set(error.headers);
    response.status(problem.status).type(PROBLEM_TYPE).set('Cache-Control', 'no-store').send(JSON.stringify(problem));
  };
}

/** Express and its body parser mark the caller's mistakes with a 4xx status. */
function ofExpress(error: unknown): unknown {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (error instanceof RefusedRequest || typeof status !== 'number' || status < 400 || status > 499) return error;
  if (status === 413) return new RefusedRequest(413, `the body is larger than ${BODY_BYTES_MAX / 1024} KiB`, { fix: 'send a smaller body' });
  return new RefusedRequest(400, 'the request cannot be read', { fix: 'check its path, encoding and body' });
}
