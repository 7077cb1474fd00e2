/** `npm run config:validate FILE`: says what is wrong with a configuration file, all of it at once. Exit code 0, 1 (wrong) or 2 (usage). */
import { describeFinding, ConfigurationError } from './findings.js';
import { loadConfiguration } from './load.js';

async function main(args: readonly string[]): Promise<number> {
  const [path] = args;
  if (path === undefined || args.length > 1) {
    process.stderr.write('usage: npm run config:validate FILE\n');
    return 2;
  }
  try {
    const { mode, strategies } = await loadConfiguration(path);
    const enabled = strategies.filter((strategy) => strategy.enabled).map(({ name, symbol }) => `${name} (${symbol})`);
    process.stdout.write(`${path}: configuration is valid; mode ${mode}; enabled: ${enabled.join(', ')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = error.findings.map((finding) => `  - ${describeFinding(finding)}\n    fix: ${finding.fix}`);
    process.stderr.write(`${path}: ${error.findings.length} ${error.findings.length === 1 ? 'error' : 'errors'} (code ${error.code})\n${lines.join('\n')}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
