import { Command } from 'commander';
import { RefusalsService } from '../../access/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { withApplication } from '../context/with-application.js';
import { printObject, wantsJson } from '../terminal/output.js';

const marks = {
  passed: 'ok',
  'not-applicable': 'not applicable',
  failed: 'FAILED',
  'not-reached': '-',
} as const;

/** `firekeep explain ID`: which check refused a request, what it expected, what came, and what to change. */
export function explainCommand(): Command {
  return new Command('explain')
    .argument('<id>', 'reference id of the refused answer')
    .description('why a request was refused')
    .action(async (id: string, _options: unknown, command: Command) => {
      const refusal = await withApplication((app) => app.get(RefusalsService, { strict: false }).find(id));
      if (refusal === undefined) {
        throw new FirekeepError(
          'not-found',
          'ACCESS_UNKNOWN_REFERENCE',
          `No refusal ${id} is kept: it is mistyped, too old, or one of too many.`,
        );
      }
      if (wantsJson(command)) {
        printObject(command, { ...refusal });
        return;
      }
      const { trail, firstAt, lastAt, times, subject, clientId } = refusal;
      printObject(command, {
        Request: `${refusal.method} ${refusal.path}`,
        Endpoint: `${refusal.endpoint} (${refusal.mode})`,
        When:
          new Date(lastAt).toISOString() +
          (times > 1 ? `, ${times} times since ${new Date(firstAt).toISOString()}` : ''),
        From: refusal.address,
        ...(subject === null ? {} : { User: subject }),
        ...(clientId === null ? {} : { Client: clientId }),
        Checks: trail.map(({ check, result }) => `${check} ${marks[result]}`).join(', '),
        'Failed check': refusal.check,
        Expected: refusal.expected,
        Came: refusal.actual,
        Remedy: refusal.remedy,
        'Look at': refusal.setting,
      });
    });
}
