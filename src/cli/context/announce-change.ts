import { userInfo } from 'node:os';
import type { INestApplicationContext } from '@nestjs/common';
import { AdministrationEvents } from '../../administration/index.js';

/**
 * Tells the audit what the command line has changed.
 *
 * @param method and object: as the management API would have been asked, `POST` and `users/alice`
 */
export function announceChange(app: INestApplicationContext, method: string, object: string): void {
  app.get(AdministrationEvents, { strict: false }).changedBy(commandLine(), method, object);
}

function commandLine(): string {
  return `the command line, run by ${operatorName()}`;
}

/** Of the operating system; a container's user need not have a name. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${String(process.getuid?.())}`;
  }
}
