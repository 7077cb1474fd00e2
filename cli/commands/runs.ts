/** `bot runs|runbooks|cancel`: what runs, what ran, what there is. */
import { EXIT, type ExitCode } from '../exit-codes.js';
import { detailReply, runbooksReply, runsReply } from '../replies.js';
import type { Session } from '../session.js';

export async function listRuns({ api, say, give, remark }: Session, { limit, runbook }: { limit: string; runbook?: string }): Promise<ExitCode> {
  const query = new URLSearchParams({ limit, ...(runbook === undefined ? {} : { runbook }) });
  const reply = await api.get(`/api/v1/runbooks/runs?${query.toString()}`, runsReply);
  for (const { run_id: id, runbook: name, state, started_at: started, outcome, remaining } of reply.runs) {
    say(`${started}  ${state.padEnd(9)}  ${name.padEnd(22)}  ${id}  ${outcome ?? ''}${remaining.length === 0 ? '' : ` (to do by hand: ${remaining.length})`}`);
  }
  if (reply.runs.length === 0) say('no runs');
  if (!reply.complete) remark('The ledger is away: only what runs now is listed.');
  give(reply);
  return reply.complete ? EXIT.ok : EXIT.degraded;
}

export async function listRunbooks({ api, say, give }: Session): Promise<ExitCode> {
  const reply = await api.get('/api/v1/runbooks', runbooksReply);
  for (const { name, title, destructive } of reply.runbooks) say(`${name.padEnd(22)}  ${title}${destructive ? ' (destructive)' : ''}`);
  give(reply);
  return EXIT.ok;
}

export async function cancelRun({ api, say, give }: Session, { id, reason }: { id: string; reason: string }): Promise<ExitCode> {
  const reply = await api.post(`/api/v1/runbooks/runs/${encodeURIComponent(id)}/cancel`, { reason }, detailReply);
  say(reply.detail);
  give(reply);
  return EXIT.ok;
}
