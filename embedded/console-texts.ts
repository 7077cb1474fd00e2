/** The longer texts of `npm start`: what runs where, what went wrong, what was mistyped. */
import { isBotError } from '../core/errors/bot-error.js';
import type { RunningStack } from './stack.js';

export function bannerOf(stack: RunningStack): string {
  const rows: [string, string][] = [
    ['API', `${stack.apiUrl}   (health: ${stack.apiUrl}/health)`],
    ['Temporal Web UI', stack.temporalUiUrl ?? 'not started here'],
    ['Temporal', stack.temporalAddress],
    ['Mode', stack.mode],
    ['Market', stack.market],
    ['Data directory', stack.dataDir],
    ['Log file', stack.logFile],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(16)} ${value}`);
  return ['', 'The bot is up.', ...lines, '', '  Ctrl-C stops it; starting again on the same data directory continues.', ''].join('\n');
}

export function describeFailure(error: unknown): string {
  if (isBotError(error)) return `\nCannot run: ${error.message}\n  code ${error.code}\n  fix: ${error.fix}`;
  return '\nCannot run: an unexpected error, which is a defect of this program';
}

export function describeUsage(problems: readonly string[]): string {
  return [...problems.map((problem) => `Wrong option: ${problem}`), 'Run `npm start -- --help` for all options.'].join('\n');
}
