/** The page docs/BENCHMARKS.md. Every figure on it comes from the run that wrote it. */
import type { Machine } from './machine.js';
import type { SectionResult } from './section.js';

export interface PageInput {
  machine: Machine;
  postgresVersion: string | undefined;
  date: Date;
  commandLine: string;
  elapsedMs: number;
  results: readonly SectionResult[];
}

export function pageOf({ machine, postgresVersion, date, commandLine, elapsedMs, results }: PageInput): string {
  const lines = [
    '# Benchmarks',
    '',
    `Written by \`${commandLine}\` on ${date.toISOString().slice(0, 10)} in ${(elapsedMs / 60_000).toFixed(1)} minutes; do not edit, run it again.`,
    'All processes are the real ones, started as `npm start` starts them: simulated exchange, trading and maintenance worker, API, Temporal, PostgreSQL.',
    '',
    ...[...machine.facts, `PostgreSQL ${postgresVersion ?? 'not measured'}`].map((fact) => `- ${fact}`),
    '',
    '## Reading',
    '',
    ...results.flatMap(({ reading }) => reading.map((sentence) => `- ${sentence}`)),
    `- The exchange is simulated on the same machine and shares its cores: a real one adds the network's way and takes away the simulator's share.`,
    ...caution(machine),
    ...results.flatMap(({ title, lines: body }) => ['', `## ${title}`, '', ...body]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Figures of a busy machine are figures of something else. */
function caution({ load, cores }: Machine): string[] {
  if (load < cores / 2) return [];
  return [`- **The machine was busy** before the run began (load ${load.toFixed(2)} on ${cores} cores): these figures are too high.`];
}
