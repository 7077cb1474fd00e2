/**
 * Tells one process from another that got the same pid later.
 *
 * Invariant: a process is only ever called "the same" when pid, start time and, where recorded, command line agree.
 * Source: proc(5), field 22 of /proc/<pid>/stat is the start in clock ticks since boot; elsewhere ps(1) `lstart`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PS_TIMEOUT_MS = 2_000;
const START_TICKS_FIELD_AFTER_COMMAND = 19;

export interface ProcessIdentity {
  pid: number;
  /** opaque; equal for the same process, different after a reboot or for a later process of the same pid */
  startTime: string;
  /** the command line, arguments joined by a space */
  command: string;
}

/** The identity of a running process, or undefined when no process has this pid (a zombie counts as gone). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? identifyFromProc(pid) : identifyFromPs(pid);
}

export function isSameProcess(recorded: Pick<ProcessIdentity, 'pid' | 'startTime'>): boolean {
  return identifyProcess(recorded.pid)?.startTime === recorded.startTime;
}

function identifyFromProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterCommand = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (afterCommand[0] === 'Z' || afterCommand[0] === 'X') return undefined;
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { pid, startTime: `${bootId}:${afterCommand[START_TICKS_FIELD_AFTER_COMMAND]}`, command };
  } catch {
    // The entry vanishes together with the process: that is the answer, not a failure.
    return undefined;
  }
}

function identifyFromPs(pid: number): ProcessIdentity | undefined {
  try {
    const options = { encoding: 'utf8', timeout: PS_TIMEOUT_MS } as const;
    const startTime = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], options).trim();
    return startTime === '' ? undefined : { pid, startTime, command };
  } catch {
    // ps leaves with code 1 when there is no such process.
    return undefined;
  }
}
