/** Resident memory of the stack's processes, each with the processes it started (PostgreSQL is a family). */
import { execa } from 'execa';

export interface PartMemory {
  processes: number;
  /** bytes; of a family the sum, in which memory shared between its members counts for each of them */
  rss: number;
}

const BYTES_PER_KIB = 1_024;

interface ProcessRow {
  pid: number;
  parent: number;
  rss: number;
}

export async function memoryOf(pids: Readonly<Record<string, number | undefined>>): Promise<Map<string, PartMemory>> {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  const rows = stdout.split('\n').map((line) => {
    const [pid = 0, parent = 0, kib = 0] = line.trim().split(/\s+/).map(Number);
    return { pid, parent, rss: kib * BYTES_PER_KIB };
  });
  return new Map(Object.entries(pids).flatMap(([name, pid]) => (pid === undefined ? [] : [[name, sumOf(familyOf(pid, rows))] as const])));
}

function familyOf(pid: number, rows: readonly ProcessRow[]): ProcessRow[] {
  const own = rows.filter((row) => row.pid === pid);
  return [...own, ...rows.filter((row) => row.parent === pid).flatMap((child) => familyOf(child.pid, rows))];
}

function sumOf(family: readonly ProcessRow[]): PartMemory {
  return { processes: family.length, rss: family.reduce((sum, { rss }) => sum + rss, 0) };
}
