-- The errors of all processes: counts of all time, and the newest occurrences.
--
-- A process writes its own counts as absolute numbers under the id of its life, so writing them again changes nothing.

-- Up Migration

create table error_counts (
  life text not null,
  code integer not null,
  service text not null,
  instance text not null,
  occurrences bigint not null check (occurrences > 0),
  last_at timestamptz not null,
  primary key (life, code)
);
comment on column error_counts.life is 'one process from its start to its end';
comment on column error_counts.occurrences is 'since the life began';

create table error_occurrences (
  occurrence_id text primary key,
  timestamp timestamptz not null,
  code integer not null,
  severity text not null check (severity in ('info', 'warning', 'error', 'critical')),
  service text not null,
  instance text not null,
  message text not null,
  context jsonb not null
);
create index idx_error_occurrences_timestamp on error_occurrences (timestamp desc);
create index idx_error_occurrences_code_timestamp on error_occurrences (code, timestamp desc);

-- Down Migration

drop table error_occurrences, error_counts;
