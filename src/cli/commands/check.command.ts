import { Command } from 'commander';
import { StoreCheck, type CheckCounts, type Finding } from '../../fhir/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { withApplication } from '../context/with-application.js';
import { ProgressBar } from '../load/progress-bar.js';
import { onOneLine, print, printObject, wantsJson } from '../terminal/output.js';

/** `firekeep check`: whether bodies, versions and index rows agree; 1 where they don't. Beside a running server too. */
export function checkCommand(): Command {
  return new Command('check')
    .description('verify that bodies, versions and index rows agree')
    .option('--limit <n>', 'findings to print, 0 to 100000; all are counted', '1000')
    .action(async ({ limit }: { readonly limit: string }, command: Command) => {
      const most = Number(limit);
      if (!Number.isInteger(most) || most < 0 || most > 100_000) {
        throw new FirekeepError(
          'invalid',
          'CLI_INVALID_LIMIT',
          '--limit must be a whole number from 0 to 100000.',
        );
      }
      const printed: Finding[] = [];
      const counts = await runCheck((found) => {
        if (printed.length < most) printed.push(found);
      });
      show(command, counts, printed);
      if (counts.findings > 0) process.exitCode = 1;
    });
}

async function runCheck(finding: (found: Finding) => void): Promise<CheckCounts> {
  const bar = new ProgressBar();
  return withApplication(async (app) => {
    const counts = await app.get(StoreCheck, { strict: false }).run({
      finding,
      progress: (seen, total) => bar.show(seen.resources / Math.max(1, total), seen.resources),
    });
    bar.show(1, counts.resources, true);
    bar.end();
    return counts;
  });
}

function show(command: Command, counts: CheckCounts, findings: readonly Finding[]): void {
  if (wantsJson(command)) {
    printObject(command, { ...counts, listed: findings });
    return;
  }
  for (const { kind, resource, rid, version, detail } of findings) {
    const name =
      resource === '' ? `rid ${rid}` : `${resource}${version === null ? '' : ` version ${version}`}`;
    print(`${onOneLine(`${kind}  ${name}  ${detail}`)}\n`);
  }
  const { resources, versions, indexRows } = counts;
  printObject(command, { resources, versions, 'index rows': indexRows, findings: counts.findings });
}
