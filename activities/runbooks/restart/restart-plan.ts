/** What a graceful restart would touch: the processes of the service, as they last reported themselves. */
import { isBotError } from '../../../core/errors/bot-error.js';
import type { ProcessReport } from '../../../core/ports/process-report.js';
import { REPORT_STALE_AFTER_MS } from '../../../core/ports/process-report.js';
import { interruptsTrading, servicesOf, type GracefulRestartParams, type Service, type ServiceInstance } from '../../../core/runbooks/graceful-restart.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { RestartDependencies } from './restart-dependencies.js';

/** Where only one process of a service runs it is called so, unless its operator named it. */
const USUAL_INSTANCE = '1';

type Deps = Pick<RestartDependencies, 'ledger' | 'now' | 'bot'>;

export function findInstances(deps: Pick<Deps, 'ledger' | 'now'>): (params: GracefulRestartParams) => Promise<ServiceInstance[]> {
  return async ({ service }) => {
    const reports = await freshReports(deps);
    return servicesOf(service).flatMap((name) => instancesOf(name, reports));
  };
}

export async function planRestart(deps: Deps, params: GracefulRestartParams): Promise<PlanFindings> {
  const [instances, reports, bot] = await Promise.all([findInstances(deps)(params), freshReports(deps), botWords(deps)]);
  const reported = ({ service, instance }: ServiceInstance): ProcessReport | undefined => reports.find((report) => report.service === service && report.instance === instance);
  const silent = instances.filter((instance) => reported(instance) === undefined);
  const trading = interruptsTrading(params.service);
  return {
    targets: instances.map((instance) => `${instance.service} ${instance.instance}${pidWords(reported(instance))}`),
    effects: [
      trading ? 'the bot opens no new positions until the new process has decided on a candle; exits go on, stops on the exchange stay' : 'trading goes on',
      'the state is saved as a file',
      `${params.service} leaves gracefully and is started again by whatever supervises it`,
      trading ? `afterwards the bot is what it was before: ${bot}` : 'nothing else changes',
    ],
    warnings: silent.map(({ service, instance }) => `${service} ${instance} has not reported itself lately: it may be down, or called otherwise`),
    refusals: [],
    found: { instances: instances.map(({ service, instance }) => `${service}-${instance}`) },
  };
}

function instancesOf(service: Service, reports: readonly ProcessReport[]): ServiceInstance[] {
  const names = [...new Set(reports.filter((report) => report.service === service).map(({ instance }) => instance))].sort();
  return (names.length === 0 ? [USUAL_INSTANCE] : names).map((instance) => ({ service, instance }));
}

/** None while the ledger is away: a restart must be possible then, too. */
async function freshReports({ ledger, now }: Pick<Deps, 'ledger' | 'now'>): Promise<ProcessReport[]> {
  try {
    const reports = await (await ledger()).processReports();
    return reports.filter(({ atMs }) => now() - atMs < REPORT_STALE_AFTER_MS);
  } catch (error) {
    if (!isBotError(error)) throw error;
    return [];
  }
}

function pidWords(report: ProcessReport | undefined): string {
  return report === undefined ? '' : `, process ${report.pid}, version ${report.version}`;
}

async function botWords({ bot }: Pick<Deps, 'bot'>): Promise<string> {
  try {
    return (await bot.status()).lifecycle;
  } catch (error) {
    if (!isBotError(error)) throw error;
    return 'not known now';
  }
}
