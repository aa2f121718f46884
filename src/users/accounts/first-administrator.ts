import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { UsersService } from './users.service.js';

/** What the first start made; said once, and kept nowhere. */
export interface NewAdministrator {
  readonly username: string;
  /** Undefined where FIREKEEP_ADMIN_PASSWORD gave it. */
  readonly generatedPassword?: string;
}

/** Makes the first administrator, without whom nobody could manage the server. */
@Injectable()
export class FirstAdministrator {
  constructor(
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  /**
   * Creates the administrator where nobody has the role `admin`.
   *
   * @returns undefined where nothing had to be done, also because another process was first.
   * @throws FirekeepError 400 `USERS_INVALID` for a name or password that the settings give and the rules refuse,
   * 409 `USERS_ADMINISTRATOR_NAME_TAKEN`.
   */
  async ensureAdministrator(): Promise<NewAdministrator | undefined> {
    if (await this.users.hasAdministrator()) return undefined;
    const username = this.settings.get('adminUsername');
    const given = this.settings.get('adminPassword');
    const password = given ?? randomBytes(15).toString('base64url');
    try {
      await this.users.create({ username, password, roles: ['admin', 'practitioner'] });
    } catch (error) {
      if (!(error instanceof FirekeepError)) throw error;
      if (error.code === 'USERS_INVALID') throw refusedSettings(error);
      if (error.code !== 'NAME_TAKEN') throw error;
      if (await this.users.hasAdministrator()) return undefined;
      throw new FirekeepError(
        'conflict',
        'USERS_ADMINISTRATOR_NAME_TAKEN',
        `There is no administrator, and the name ${username} is taken by another user or client. Set FIREKEEP_ADMIN_USERNAME to a free name.`,
      );
    }
    return given === undefined ? { username, generatedPassword: password } : { username };
  }
}

/** The rules know fields of a user; whoever starts the server gave settings. */
function refusedSettings({ message, issues }: FirekeepError): FirekeepError {
  return new FirekeepError(
    'invalid',
    'USERS_INVALID',
    `FIREKEEP_ADMIN_USERNAME and FIREKEEP_ADMIN_PASSWORD make no administrator: ${message}`,
    { issues },
  );
}
