/**
 * `npm run api:token -- --name X --role operator`: makes a token for the API. It is shown once, here; the configuration
 * gets its digest. Exit code 0 or 2 (usage).
 */
import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { API_ROLES, API_TOKEN_NAME } from './api-section.js';

const TOKEN_BYTES = 32;
/** lets a scanner find a token that was committed by mistake */
const PREFIX = 'tbt_';
const USAGE = `usage: npm run api:token -- --name NAME --role ${API_ROLES.join('|')}\n`;

function main(args: string[]): number {
  const options = read(args);
  if (options === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  const entry = { ...options, sha256: createHash('sha256').update(token).digest('hex') };
  process.stdout.write([
    `token (shown only now; give it to ${options.name}):`,
    `  ${token}`,
    'entry for api.tokens of the configuration:',
    `  ${JSON.stringify(entry)}`,
    'restart the API to make it known; call with: curl -H "Authorization: Bearer <token>" …',
    '',
  ].join('\n'));
  return 0;
}

function read(args: string[]): { name: string; role: string } | undefined {
  try {
    const { name, role } = parseArgs({ args, options: { name: { type: 'string' }, role: { type: 'string' } } }).values;
    if (name === undefined || role === undefined || !API_TOKEN_NAME.test(name)) return undefined;
    return API_ROLES.some((known) => known === role) ? { name, role } : undefined;
  } catch {
    return undefined; // an unknown option
  }
}

process.exitCode = main(process.argv.slice(2));
