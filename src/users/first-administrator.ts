import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../platform/config/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { UsersService } from './users.service.js';

/** What the first start made; said once, and kept nowhere. */
export interface NewAdministrator {
  readonly username: string;
  /** Undefined where FIREKEEP_ADMIN_PASSWORD gave it. */
  readonly generatedPassword?: string;
}

/** Makes the first user, without whom nobody could make any other. */
@Injectable()
export class FirstAdministrator {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /**
   * Creates the administrator where there is no user yet.
   *
   * @returns undefined where nothing had to be done, also because another process was first.
   * @throws FirekeepError 400 `USERS_INVALID` for a name or password that the settings give and the rules refuse.
   */
  async ensureAdministrator(): Promise<NewAdministrator | undefined> {
    const everyone = await this.users.list({ limit: 1 });
    if (everyone.length > 0) return undefined;
    const username = this.settings.get('adminUsername');
    const given = this.settings.get('adminPassword');
    const password = given ?? randomBytes(15).toString('base64url');
    try {
      await this.users.create({ username, password, roles: ['admin', 'practitioner'] });
    } catch (error) {
      if (error instanceof FirekeepError && error.code === 'NAME_TAKEN') return undefined;
      throw error;
    }
    return given === undefined ? { username, generatedPassword: password } : { username };
  }
}
