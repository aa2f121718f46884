import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { Database, type SqlRow } from '../../platform/database/index.js';
import { FieldErrors, FirekeepError } from '../../platform/errors/index.js';
import { UsersService } from '../../users/index.js';
import { Audiences } from '../scopes/audiences.js';
import { parseScopes } from '../scopes/scope-grammar.js';
import { artifactKey } from '../store/artifact-codec.js';
import { launchContextOf, type LaunchContext } from './launch-context.js';
import type { LaunchUser } from './launch-directory.js';
import { contextOf, type NewLaunch } from './new-launch.js';

/** A launch from an EHR, as the administrator sees it. */
export interface Launch {
  readonly id: string;
  readonly username: string;
  readonly clientId: string;
  /** Base URL of the endpoint: what the app is told as `iss`. */
  readonly iss: string;
  readonly context: LaunchContext;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Null: not yet. */
  readonly usedAt: number | null;
}

/** Why a handle opens nothing; the first that holds, so that no stranger learns more of it. */
export type HandleProblem = 'unknown' | 'user' | 'client' | 'used' | 'expired' | 'endpoint';

export type Redemption =
  | { readonly ok: true; readonly context: LaunchContext }
  | { readonly ok: false; readonly problem: HandleProblem };

interface Row extends SqlRow {
  readonly id: string;
  readonly username: string;
  readonly client_id: string;
  readonly audience: string;
  readonly context: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly used_at: number | null;
}

const defaultTtl = 300;
const most = 1000;
const columns = 'id, username, client_id, audience, context, created_at, expires_at, used_at';

/** Launches from an EHR: made for one user and one app, used once, stored under the hash of their handle. */
@Injectable()
export class LaunchesService {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
    private readonly users: UsersService,
    private readonly clients: ClientsService,
    private readonly audiences: Audiences,
  ) {}

  /** @returns with the handle in clear, this once. @throws FirekeepError 400 `OAUTH2_LAUNCH_INVALID` */
  async create(input: NewLaunch): Promise<Launch & { readonly launch: string }> {
    const context = contextOf(input);
    const iss = await this.checked(input);
    const handle = randomBytes(32).toString('base64url');
    const now = Date.now();
    const launch: Launch = {
      id: randomBytes(8).toString('hex'),
      username: input.username,
      clientId: input.clientId,
      iss,
      context,
      createdAt: now,
      expiresAt: now + (input.ttl ?? defaultTtl) * 1000,
      usedAt: null,
    };
    await this.database.transaction((session) =>
      session.execute(
        `INSERT INTO oauth2_launch
         (id, handle_hash, username, client_id, audience, context, created_at, expires_at, used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
        [
          ...[launch.id, artifactKey(handle), launch.username, launch.clientId, iss],
          ...[JSON.stringify(context), launch.createdAt, launch.expiresAt],
        ],
      ),
    );
    return { ...launch, launch: handle };
  }

  /** Newest first, at most 1000; used ones too, until they are cleared away behind their expiry. */
  async list(): Promise<Launch[]> {
    const rows = await this.database.query<Row>(
      `SELECT ${columns} FROM oauth2_launch ORDER BY created_at DESC, id LIMIT ${most}`,
    );
    return rows.map(toLaunch);
  }

  /** What came of it stays. @throws FirekeepError 404 `OAUTH2_LAUNCH_NOT_FOUND` */
  async revoke(id: string): Promise<void> {
    const removed = await this.database.transaction((session) =>
      session.execute('DELETE FROM oauth2_launch WHERE id = ?', [id]),
    );
    if (removed === 0) {
      throw new FirekeepError('not-found', 'OAUTH2_LAUNCH_NOT_FOUND', 'There is no launch with this id.');
    }
  }

  /** Of parallel callers one gets the context. Whoever it isn't for doesn't use it up. */
  async redeem(handle: string, user: LaunchUser): Promise<Redemption> {
    const key = artifactKey(handle);
    const now = Date.now();
    const changed = await this.database.transaction((session) =>
      session.execute(
        `UPDATE oauth2_launch SET used_at = ? WHERE handle_hash = ? AND used_at IS NULL AND expires_at > ?
         AND username = ? AND client_id = ? AND audience = ?`,
        [now, key, now, user.username, user.clientId, user.audience],
      ),
    );
    const [row] = await this.database.query<Row>(
      `SELECT ${columns} FROM oauth2_launch WHERE handle_hash = ?`,
      [key],
    );
    if (row === undefined) return { ok: false, problem: 'unknown' };
    if (changed === 1) return { ok: true, context: toLaunch(row).context };
    return { ok: false, problem: problemOf(row, user) };
  }

  /** @returns the base URL of the endpoint */
  private async checked({ username, clientId, endpoint }: NewLaunch): Promise<string> {
    const errors = new FieldErrors();
    const user = await this.users.findByUsername(username);
    if (user?.enabled !== true) errors.add('username', 'Must be an enabled user.');
    const client = await this.clients.find(clientId);
    const scopes = parseScopes(client?.scope ?? '');
    if (client?.enabled !== true || !client.grantTypes.includes('authorization_code')) {
      errors.add('clientId', 'Must be an enabled client with the grant authorization_code.');
    } else if (!scopes.ok || !scopes.scopes.some(({ text }) => text === 'launch')) {
      errors.add('clientId', 'Must be a client that is registered for the scope launch.');
    }
    const named = endpoint?.startsWith('/') === true ? this.settings.publicUrl + endpoint : endpoint;
    const base = named ?? (await this.audiences.defaultBase());
    const audience = base === undefined ? undefined : await this.audiences.find(base);
    if (audience === undefined || audience.kind === 'administration') {
      errors.add('endpoint', `Must be one of ${(await this.audiences.names()).join(', ')}.`);
    }
    errors.throwIfAny('OAUTH2_LAUNCH_INVALID');
    return audience?.base ?? '';
  }
}

function problemOf(row: Row, { username, clientId }: LaunchUser): HandleProblem {
  if (row.username !== username) return 'user';
  if (row.client_id !== clientId) return 'client';
  if (row.used_at !== null) return 'used';
  return row.expires_at <= Date.now() ? 'expired' : 'endpoint';
}

function toLaunch(row: Row): Launch {
  return {
    id: row.id,
    username: row.username,
    clientId: row.client_id,
    iss: row.audience,
    context: launchContextOf(JSON.parse(row.context) as Readonly<Record<string, unknown>>),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
