import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadSettings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { FileLoader, type LoadSummary } from '../load/load-files.js';
import { LoadTarget } from '../load/load-target.js';
import { unreadable } from '../load/load-text.js';
import { ProgressBar } from '../load/progress-bar.js';
import { onOneLine, printError, printObject, wantsJson } from '../terminal/output.js';
import { issueToken } from './token.command.js';

interface LoadCommandOptions {
  readonly url?: string;
  readonly token?: string;
  readonly as: string;
  readonly parallel: string;
  readonly again?: boolean;
}

/** Characters that are read of a token. */
const longestToken = 10_000;

/** `firekeep load FILE…`: Bundles and NDJSON, plain or gzip, over HTTP; a load that was broken off goes on. */
export function loadCommand(): Command {
  return new Command('load')
    .argument('<file...>', 'Bundles (*.json), NDJSON (*.ndjson), gzip of both (*.gz), or folders of these')
    .description('load files into a FHIR endpoint')
    .option('--url <base>', 'FHIR base URL; default: /fhir/r4 of this server')
    .option('--token <token>', 'access token, or - to read it from standard input')
    .option('--as <name>', 'without --token: user or client of this server whose token is made', 'admin')
    .option('--parallel <n>', 'requests at once, 1 to 32', '4')
    .option('--again', 'load everything again, also what an earlier run has loaded')
    .action(load);
}

async function load(files: readonly string[], options: LoadCommandOptions, command: Command): Promise<void> {
  const settings = loadSettings();
  const url = (options.url ?? `${settings.publicUrl}/fhir/r4`).replace(/\/+$/, '');
  const parallel = Number(options.parallel);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 32) {
    throw new FirekeepError(
      'invalid',
      'CLI_INVALID_PARALLEL',
      '--parallel must be a whole number from 1 to 32.',
    );
  }
  const token = await tokenFor(options, url);
  const target = new LoadTarget(url, { authorization: `Bearer ${token}` }, parallel);
  try {
    const loader = new FileLoader(
      target,
      { url, dataDirectory: settings.get('dataDirectory'), parallel, again: options.again === true },
      new ProgressBar(),
      files.flatMap(expand),
    );
    show(command, await loader.run());
  } finally {
    await target.close();
  }
}

async function tokenFor({ token, as }: LoadCommandOptions, url: string): Promise<string> {
  if (token === undefined) return (await issueToken(as, { audience: url, minutes: '60' })).access_token;
  if (token !== '-') return token;
  let input = '';
  for await (const chunk of process.stdin) {
    input += String(chunk);
    if (input.length > longestToken) break;
  }
  return input.trim();
}

function expand(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => /\.(json|ndjson)(\.gz)?$/i.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function show(command: Command, summary: LoadSummary): void {
  const { files, resources, skipped, failures } = summary;
  if (wantsJson(command)) {
    printObject(command, { ...summary });
  } else {
    printObject(command, { files, resources, 'already loaded': skipped, failed: failures.length });
    for (const { file, problems } of failures) {
      const lines = [file, ...problems].map(onOneLine);
      printError(`${lines.join('\n  ')}\n`);
    }
  }
  if (failures.length > 0) process.exitCode = 1;
}
