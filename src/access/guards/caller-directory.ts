import { Inject, Injectable } from '@nestjs/common';
import { ClientsService, type Client } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { UsersService, type User } from '../../users/index.js';

interface Known<T> {
  readonly value: T | undefined;
  readonly until: number;
}

/** A change elsewhere holds here after this long: the promise for revocation between nodes. */
const freshFor = 5_000;
const capacity = 10_000;

/** Accounts and clients as the checks need them: looked up by key, kept for seconds, dropped on change here. */
@Injectable()
export class CallerDirectory {
  private readonly users = new Map<string, Known<User>>();
  private readonly clients = new Map<string, Known<Client>>();

  constructor(
    @Inject(UsersService) private readonly usersService: UsersService,
    @Inject(ClientsService) private readonly clientsService: ClientsService,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  isOwnIssuer(issuer: string): boolean {
    return issuer === `${this.settings.publicUrl}/oauth2`;
  }

  user(username: string): Promise<User | undefined> {
    return lookUp(this.users, username, () => this.usersService.findByUsername(username));
  }

  client(clientId: string): Promise<Client | undefined> {
    return lookUp(this.clients, clientId, () => this.clientsService.find(clientId));
  }

  /** Called when an account or a client changes on this node. */
  forget(key: string): void {
    this.users.delete(key);
    this.clients.delete(key);
  }
}

async function lookUp<T>(
  cache: Map<string, Known<T>>,
  key: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const now = Date.now();
  const known = cache.get(key);
  if (known !== undefined && known.until > now) return known.value;
  const value = await find();
  if (cache.size >= capacity) cache.clear();
  cache.set(key, { value, until: now + freshFor });
  return value;
}
