/** Who listens on a port, as far as this user may know: for an error that says what to do instead of "address in use". */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { identifyProcess } from './process-identity.js';

const LSOF_TIMEOUT_MS = 3_000;
/** proc(5), net/tcp: state 0A is LISTEN; the columns are local address, remote address, state … inode */
const LISTEN = '0A';
const COLUMN = { localAddress: 1, state: 3, inode: 9 } as const;

export interface PortHolder {
  pid: number;
  /** the command line, when it may be read */
  command: string;
}

/** undefined when nobody listens, or when the process belongs to somebody whose processes we may not see. */
export function findPortHolder(port: number): PortHolder | undefined {
  const pid = process.platform === 'linux' ? holderFromProc(port) : holderFromLsof(port);
  if (pid === undefined) return undefined;
  return { pid, command: identifyProcess(pid)?.command ?? 'unknown command' };
}

function holderFromProc(port: number): number | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)));
  if (inodes.size === 0) return undefined;
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.find((pid) => holdsSocket(pid, inodes));
}

function listeningInodes(file: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readLines(file)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[COLUMN.localAddress]?.endsWith(suffix) === true && columns[COLUMN.state] === LISTEN)
    .flatMap((columns) => columns[COLUMN.inode] ?? []);
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return []; // tcp6 is absent where IPv6 is switched off
  }
}

function holdsSocket(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(socketInode(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false; // another user's process, or one that has just ended
  }
}

function socketInode(link: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? '';
  } catch {
    return ''; // closed between listing and reading
  }
}

function holderFromLsof(port: number): number | undefined {
  try {
    const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8', timeout: LSOF_TIMEOUT_MS });
    const pid = Number.parseInt(output, 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined; // no lsof, or nothing found
  }
}
