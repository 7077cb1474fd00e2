/**
 * Schemathesis (schemathesis.io) against a served API: it reads the OpenAPI document, makes requests of it, right ones and wrong
 * ones, and holds every reply against what the document promises.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Campaign {
  /** of the API, without a slash at its end */
  url: string;
  /** per operation and phase, at most */
  examples: number;
  seed: number;
  phases: 'fuzzing' | 'examples,coverage,fuzzing,stateful';
  token?: string;
}

export interface CampaignReport {
  passed: boolean;
  /** requests that were made and judged */
  cases: number;
  operations: number;
  /** what Schemathesis printed */
  text: string;
}

/** more than one breaks Python 3.11: parsing in two threads at once fails there (python/cpython#106905) */
const WORKERS = 1;
const REQUEST_TIMEOUT_S = 30;
/** pauses of 1, 2, 4, 8 and 10 s between them: some requests have the API itself restarted */
const NETWORK_RETRIES = 5;
/**
 * 503 is a documented answer: a part is away, or too busy to answer in time. Whoever runs a campaign judges how many there may be.
 * The analytics refuse with 400 what no schema can say: an end before its beginning, or too long a span.
 */
const SETTINGS = `
[checks]
not_a_server_error.expected-statuses = ["2xx", "4xx", 503]

[[operations]]
include-path-regex = "^/api/v1/analytics/"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 503]
`;

/** The Python that has Schemathesis: of SCHEMATHESIS_PYTHON, else python3 of the path; undefined when there is none. */
export function findPython(): string | undefined {
  const candidates = [process.env['SCHEMATHESIS_PYTHON'], 'python3'].filter((name) => name !== undefined && name !== '') as string[];
  return candidates.find((python) => spawnSync(python, ['-c', 'import schemathesis'], { stdio: 'ignore' }).status === 0);
}

export async function runCampaign(python: string, campaign: Campaign): Promise<CampaignReport> {
  const directory = await mkdtemp(path.join(tmpdir(), 'schemathesis-'));
  try {
    const settings = path.join(directory, 'schemathesis.toml');
    await writeFile(settings, SETTINGS);
    const { code, text } = await run(python, ['-m', 'schemathesis.cli', '--config-file', settings, ...argumentsOf(campaign, directory)], directory);
    const report = JSON.parse(await readFile(path.join(directory, 'report.json'), 'utf8')) as { operations: { tested: number }; test_cases: { generated: number } };
    return { passed: code === 0, cases: report.test_cases.generated, operations: report.operations.tested, text };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function argumentsOf({ url, examples, seed, phases, token }: Campaign, directory: string): string[] {
  return [
    'run', `${url}/openapi.json`,
    '--phases', phases, '--max-examples', String(examples), '--seed', String(seed), '--checks', 'all', '--workers', String(WORKERS),
    '--request-timeout', String(REQUEST_TIMEOUT_S), '--request-retries', String(NETWORK_RETRIES), '--generation-database', 'none', '--suppress-health-check', 'all', '--warnings', 'off', '--continue-on-failure', '--no-color',
    '--report', 'json', '--report-json-path', path.join(directory, 'report.json'),
    // wrong tokens are soon refused with 429, which its check of authentication does not expect; access.test.ts asks every route instead
    ...(token === undefined ? [] : ['--header', `Authorization:Bearer ${token}`, '--exclude-checks', 'ignored_auth']),
  ];
}

async function run(command: string, args: string[], cwd: string): Promise<{ code: number; text: string }> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number>((resolve, reject) => child.once('error', reject).once('close', (status) => resolve(status ?? 1)));
  return { code, text: Buffer.concat(said).toString() };
}
