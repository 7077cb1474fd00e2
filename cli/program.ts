/** The command line: which commands there are and what they are given. */
import { Command, CommanderError, Option } from 'commander';
import { createApiClient } from './api-client.js';
import { listBackups, showBackup } from './commands/backups.js';
import { commandBot, showStatus } from './commands/bot.js';
import { cancelRun, listRunbooks, listRuns } from './commands/runs.js';
import { CommandEnd, EXIT, type ExitCode } from './exit-codes.js';
import { followRun, runRunbook } from './run-runbook.js';
import { RUNBOOK_COMMANDS, type RunbookCommand } from './runbook-commands.js';
import { openSession, type Session } from './session.js';

const EXIT_CODES = 'Exit codes: 0 ok, 1 failed, 2 usage, 3 refused by a guard, 4 needs confirmation, 5 degraded or something to do by hand.';

interface GlobalOptions {
  api: string;
  token?: string;
  json?: true;
  yes?: true;
}

type Outcome = { exitCode: ExitCode };

/** Runs one command line. Never rejects for what the caller did wrong: the exit code says it. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  const outcome: Outcome = { exitCode: EXIT.ok };
  const program = buildProgram(outcome);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandEnd)) throw error;
    tell(error, program.opts<GlobalOptions>());
    return error.exitCode;
  }
}

function tell({ exitCode, message, fix }: CommandEnd, { json }: GlobalOptions): void {
  if (json === true) console.log(JSON.stringify({ error: message, fix, exit_code: exitCode }, null, 2));
  else console.error(fix === '' ? message : `${message}\n  fix: ${fix}`);
}

function buildProgram(outcome: Outcome): Command {
  const program = new Command('bot')
    .description('Watches and steers the trading bot over its API')
    .addOption(new Option('--api <url>', 'address of the API').env('BOT_API_URL').default('http://127.0.0.1:8080'))
    .addOption(new Option('--token <token>', 'token of the API, where it asks for one; better given by the environment').env('BOT_API_TOKEN'))
    .option('--json', 'print one JSON document and nothing else')
    .option('--yes', 'confirm in advance')
    .addHelpText('after', `\n${EXIT_CODES}`)
    .showHelpAfterError('(bot --help lists the commands)')
    .exitOverride();
  const within = (run: (session: Session) => Promise<ExitCode>): Promise<void> => finish(outcome, () => run(sessionOf(program)));
  addBotCommands(program, within);
  addRunCommands(program, within);
  for (const command of RUNBOOK_COMMANDS) addRunbookCommand(program, command, within);
  addBackupReadings(program, within);
  addAnyRunbook(program, within);
  return program;
}

type Within = (run: (session: Session) => Promise<ExitCode>) => Promise<void>;

async function finish(outcome: Outcome, run: () => Promise<ExitCode>): Promise<void> {
  outcome.exitCode = await run();
}

function sessionOf(program: Command): Session {
  const { api, token, json, yes } = program.opts<GlobalOptions>();
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) throw new CommandEnd(EXIT.usage, `--api is no address: ${api}`, 'give a URL such as http://127.0.0.1:8080');
  return openSession({ api: createApiClient({ url: api, token }), json: json === true, yes: yes === true });
}

const REASON = ['--reason <text>', 'why, for the record', ''] as const;

function addBotCommands(program: Command, within: Within): void {
  program.command('status').description('what the bot does now, and the health of everything it needs').action(() => within(showStatus));
  const verbs = { pause: 'open no new positions; exits go on', resume: 'trade again', stop: 'decide nothing any more; stops on the exchange stay' } as const;
  for (const [verb, about] of Object.entries(verbs)) {
    program.command(verb).description(about).option(...REASON)
      .action(({ reason }: { reason: string }) => within((session) => commandBot(session, { verb: verb as keyof typeof verbs, reason })));
  }
}

function addRunCommands(program: Command, within: Within): void {
  program.command('runs').description('the newest runs of runbooks').option('--limit <number>', 'how many', '20').option('--runbook <name>', 'only of this one')
    .action((options: { limit: string; runbook?: string }) => within((session) => listRuns(session, options)));
  program.command('runbooks').description('which runbooks there are').action(() => within(listRunbooks));
  program.command('watch').description('follow a run until it ends').argument('<id>', 'run id, or workflow id for its newest run').action((id: string) => within((session) => followRun(session, id)));
  program.command('cancel').description('end a run at its next safe point').argument('<id>', 'run id, or workflow id for its newest run').option(...REASON)
    .action((id: string, { reason }: { reason: string }) => within((session) => cancelRun(session, { id, reason })));
}

function addRunbookCommand(program: Command, { words, runbook, about, arguments: wanted = [], options = [], params }: RunbookCommand, within: Within): void {
  const [name = words, sub] = words.split(' ');
  const parent = sub === undefined ? program : (program.commands.find((command) => command.name() === name) ?? program.command(name));
  const command = parent.command(sub ?? name).description(about).option(...REASON).option('--plan', 'show what would be done, and do nothing');
  for (const argument of wanted) command.addArgument(argument);
  for (const option of options) command.addOption(option);
  command.action(() => {
    // An option that the parent knows, too, is read by the parent: `backup verify ID --reason …`.
    const given = command.optsWithGlobals<{ reason: string; plan?: true }>();
    return within((session) => runRunbook(session, { runbook, params: params({ arguments: command.processedArgs as (string | undefined)[], options: { ...given } }), reason: given.reason, planOnly: given.plan === true }));
  });
}

function addBackupReadings(program: Command, within: Within): void {
  const backup = program.commands.find((command) => command.name() === 'backup') ?? program.command('backup');
  backup.command('list').description('which backups there are').action(() => within(listBackups));
  backup.command('show').description('what a backup holds').argument('<id>', 'as bot backup list prints it').action((id: string) => within((session) => showBackup(session, id)));
}

function addAnyRunbook(program: Command, within: Within): void {
  program.command('run').description('carry out any runbook').argument('<runbook>', 'its name: bot runbooks lists them').option('--params <json>', 'its parameters, a JSON object', '{}').option(...REASON)
    .option('--plan', 'show what would be done, and do nothing')
    .action((runbook: string, { params, reason, plan }: { params: string; reason: string; plan?: true }) => within((session) => runRunbook(session, { runbook, params: jsonObject(params), reason, planOnly: plan === true })));
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // said below
  }
  throw new CommandEnd(EXIT.usage, '--params is no JSON object', 'give something like \'{"service":"api"}\'');
}
