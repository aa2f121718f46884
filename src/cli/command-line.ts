import { Command, CommanderError } from 'commander';
import { FirekeepError } from '../platform/errors/index.js';
import { checkCommand } from './commands/check.command.js';
import { clientCommand } from './commands/client.command.js';
import { configCommand } from './commands/config.command.js';
import { explainCommand } from './commands/explain.command.js';
import { initialAccessTokenCommand } from './commands/initial-access-token.command.js';
import { loadCommand } from './commands/load.command.js';
import { migrateCommand } from './commands/migrate.command.js';
import { reindexCommand } from './commands/reindex.command.js';
import { startCommand } from './commands/start.command.js';
import { tokenCommand } from './commands/token.command.js';
import { userCommand } from './commands/user.command.js';
import { onOneLine, print, printError } from './terminal/output.js';

/** Every command, in the order of the help. */
const commands = [
  startCommand,
  migrateCommand,
  userCommand,
  clientCommand,
  initialAccessTokenCommand,
  tokenCommand,
  loadCommand,
  explainCommand,
  checkCommand,
  reindexCommand,
  configCommand,
];

/** Parses and runs; sets the exit code: 0 done, 1 failed with one sentence, 2 wrong usage. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('firekeep')
    .description('FHIR R4 repository with its own authorization server')
    .option('--json', 'print JSON instead of tables')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: print, writeErr: printError })
    .exitOverride();
  for (const command of commands) program.addCommand(inherit(program, command()));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Sub-commands of sub-commands end by exception too, so that there is one way out. */
function inherit(program: Command, command: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(command, child);
  return command;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message =
    error instanceof FirekeepError ? describe(error) : ((error as Error).stack ?? String(error));
  printError(`${message}\n`);
  return 1;
}

function describe(error: FirekeepError): string {
  const issues = error.issues.map(({ expression, message }) => onOneLine(`${expression ?? ''}: ${message}`));
  return [onOneLine(error.message), ...issues.map((issue) => `  ${issue}`)].join('\n');
}
