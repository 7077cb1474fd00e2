-- One row per run of a runbook: who, why, on what plan, which steps, how it ended.

-- Up Migration

create table runbook_runs (
  run_id text primary key,
  workflow_id text not null,
  runbook text not null,
  params jsonb not null,
  plan_id text,
  reason text not null,
  actor text not null,
  state text not null check (state in ('running', 'completed', 'failed', 'cancelled', 'refused')),
  steps jsonb not null,
  result jsonb,
  started_at timestamptz not null,
  ended_at timestamptz,
  revision integer not null
);
create index idx_runbook_runs_started on runbook_runs (started_at desc);
create index idx_runbook_runs_workflow on runbook_runs (workflow_id, started_at desc);
create index idx_runbook_runs_runbook on runbook_runs (runbook, started_at desc);
comment on column runbook_runs.run_id is 'of the Temporal workflow';
comment on column runbook_runs.revision is 'grows with every change of the run';

-- Down Migration

drop table runbook_runs;
