import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { withoutSlash } from '../../clients/index.js';
import { Database, type SqlRow, type SqlSession } from '../../platform/database/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { parseScopes } from '../scopes/scope-grammar.js';
import { mostBaseUrls, registrableBaseProblem } from './registrable-base.rule.js';

/** What an initial access token lets register: clients that people or programs use, or resource servers. */
export const registrable = ['apps', 'resource-servers'] as const;
export type Registrable = (typeof registrable)[number];

/** A permission to register clients, as the administrator sees it. */
export interface InitialAccessToken {
  readonly id: string;
  readonly description: string;
  readonly registers: Registrable;
  /** Of `resource-servers`: they and what lies below them may be registered. Empty for `apps`. */
  readonly baseUrls: readonly string[];
  /** Upper bound of what registered clients may ask for; null: everything but `system/` and `admin`. */
  readonly scope: string | null;
  /** Registrations left; null: any number. */
  readonly usesLeft: number | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface NewInitialAccessToken {
  readonly description?: string;
  /** Absent: `apps`. */
  readonly registers?: Registrable;
  /** 1 to 50 for `resource-servers`, none for `apps`. */
  readonly baseUrls?: readonly string[];
  readonly scope?: string | null;
  /** 1 to 1000000; absent: any number. */
  readonly uses?: number | null;
  /** Seconds, at most a year; absent: a day. */
  readonly ttl?: number;
}

interface Row extends SqlRow {
  readonly id: string;
  readonly description: string;
  /** Null: made by an earlier program, which did not ask. */
  readonly registers: string | null;
  readonly base_urls: string | null;
  readonly scope: string | null;
  readonly uses_left: number | null;
  readonly created_at: number;
  readonly expires_at: number;
}

const day = 24 * 3600;
const longest = 365 * day;
const mostUses = 1_000_000;
const columns = 'id, description, registers, base_urls, scope, uses_left, created_at, expires_at';
const most = 1000;

/** Initial access tokens of RFC 7591: made by the administrator, stored hashed. */
@Injectable()
export class InitialAccessTokensService {
  constructor(private readonly database: Database) {}

  /** @returns the token in clear, this once. @throws FirekeepError 400 `OAUTH2_INITIAL_ACCESS_TOKEN_INVALID` */
  async create(input: NewInitialAccessToken = {}): Promise<InitialAccessToken & { readonly token: string }> {
    check(input);
    const token = randomBytes(32).toString('base64url');
    const now = Date.now();
    const record: InitialAccessToken = {
      id: randomBytes(8).toString('hex'),
      description: input.description ?? '',
      registers: input.registers ?? 'apps',
      baseUrls: (input.baseUrls ?? []).map(withoutSlash),
      scope: input.scope ?? null,
      usesLeft: input.uses ?? null,
      createdAt: now,
      expiresAt: now + (input.ttl ?? day) * 1000,
    };
    await this.database.transaction((session) =>
      session.execute(
        `INSERT INTO oauth2_initial_access_token (${columns}, token_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          ...[record.id, record.description, record.registers, JSON.stringify(record.baseUrls)],
          ...[record.scope, record.usesLeft, record.createdAt, record.expiresAt],
          hash(token),
        ],
      ),
    );
    return { ...record, token };
  }

  /** Newest first, at most 1000; those that have expired or are used up too. */
  async list(): Promise<InitialAccessToken[]> {
    const rows = await this.database.query<Row>(
      `SELECT ${columns} FROM oauth2_initial_access_token
       ORDER BY created_at DESC, id LIMIT ${most}`,
    );
    return rows.map(toRecord);
  }

  /** What was registered with it stays. @throws FirekeepError 404 `OAUTH2_INITIAL_ACCESS_TOKEN_NOT_FOUND` */
  async revoke(id: string): Promise<void> {
    const removed = await this.database.transaction((session) =>
      session.execute('DELETE FROM oauth2_initial_access_token WHERE id = ?', [id]),
    );
    if (removed === 0) {
      throw new FirekeepError(
        'not-found',
        'OAUTH2_INITIAL_ACCESS_TOKEN_NOT_FOUND',
        'There is no initial access token with this id.',
      );
    }
  }

  /** Undefined: unknown, expired or used up. */
  async find(token: string): Promise<InitialAccessToken | undefined> {
    if (token === '' || token.length > 512) return undefined;
    const [row] = await this.database.query<Row>(
      `SELECT ${columns} FROM oauth2_initial_access_token
       WHERE token_hash = ?`,
      [hash(token)],
    );
    if (row === undefined || row.expires_at <= Date.now() || row.uses_left === 0) return undefined;
    return toRecord(row);
  }

  /** Takes one use. @returns false where there is none left. */
  async use(id: string): Promise<boolean> {
    const changed = await this.database.transaction((session: SqlSession) =>
      session.execute(
        `UPDATE oauth2_initial_access_token SET uses_left = CASE WHEN uses_left IS NULL THEN NULL ELSE uses_left - 1 END
         WHERE id = ? AND expires_at > ? AND (uses_left IS NULL OR uses_left > 0)`,
        [id, Date.now()],
      ),
    );
    return changed === 1;
  }
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function toRecord(row: Row): InitialAccessToken {
  return {
    id: row.id,
    description: row.description,
    // What did not say was for apps as well, and the other is not to be had by accident.
    registers: row.registers === 'resource-servers' ? row.registers : 'apps',
    baseUrls: JSON.parse(row.base_urls ?? '[]') as string[],
    scope: row.scope,
    usesLeft: row.uses_left,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

function check({ description, registers, baseUrls = [], scope, uses, ttl }: NewInitialAccessToken): void {
  const issues: { expression: string; message: string }[] = [];
  if ((description?.length ?? 0) > 255) {
    issues.push({ expression: 'description', message: 'Use at most 255 characters.' });
  }
  const isForServers = registers === 'resource-servers';
  if (registers !== undefined && !registrable.includes(registers)) {
    issues.push({ expression: 'registers', message: `Use one of ${registrable.join(', ')}.` });
  }
  if (isForServers ? baseUrls.length < 1 || baseUrls.length > mostBaseUrls : baseUrls.length > 0) {
    issues.push({
      expression: 'baseUrls',
      message: isForServers
        ? `Name 1 to ${mostBaseUrls} base URLs below which a resource server may be registered.`
        : 'Only for a token that registers resource-servers.',
    });
  }
  for (const base of baseUrls.slice(0, mostBaseUrls)) {
    const problem = registrableBaseProblem(base);
    if (problem !== undefined) {
      issues.push({ expression: 'baseUrls', message: `${base.slice(0, 200)} ${problem}` });
    }
  }
  if (uses != null && (!Number.isInteger(uses) || uses < 1 || uses > mostUses)) {
    issues.push({ expression: 'uses', message: `Use a whole number from 1 to ${mostUses}.` });
  }
  if (ttl !== undefined && (!Number.isInteger(ttl) || ttl < 1 || ttl > longest)) {
    issues.push({ expression: 'ttl', message: `Use whole seconds from 1 to ${longest}.` });
  }
  const parsed = parseScopes(scope ?? '');
  if (!parsed.ok) issues.push({ expression: 'scope', message: `${parsed.problem}.` });
  if (issues.length === 0) return;
  throw new FirekeepError(
    'invalid',
    'OAUTH2_INITIAL_ACCESS_TOKEN_INVALID',
    'The initial access token can’t be made as described.',
    { issues },
  );
}
