import { Injectable } from '@nestjs/common';
import { Database, type SqlRow, type SqlValue } from '../../platform/database/index.js';
import { launchContextOf } from '../launch/launch-context.js';

/** What a user approved at one time, as long as something can still be done with it. */
export interface Access {
  /** Hex; names the grant, and opens nothing. */
  readonly handle: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Base URL that the access is for; undefined: only the identity. */
  readonly audience: string | undefined;
  /** Ids of what is in context. */
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** When the client got its newest token. */
  readonly usedAt: number;
}

/** A client with what it may do for a user. */
export interface ApprovedClient {
  readonly clientId: string;
  readonly accesses: number;
}

interface HashRow extends SqlRow {
  readonly id_hash: Buffer;
}

interface GrantRow extends SqlRow {
  readonly id_hash: Buffer;
  readonly client_id: string;
  readonly payload: Buffer;
  readonly issued_at: number | null;
  readonly used_at: number | null;
  readonly context: string | null;
}

interface GrantPayload {
  readonly iat?: number;
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
  readonly rejected?: Pick<GrantPayload, 'openid' | 'resources'>;
}

/** Grants that are in force and have a token or a code that is good. Values: user, now, now. */
const inForce = `g.account_id = ? AND g.model = 'Grant' AND g.client_id IS NOT NULL
  AND g.revoked_at IS NULL AND g.expires_at > ?
  AND EXISTS (SELECT 1 FROM oauth2_artifact t WHERE t.grant_hash = g.id_hash
    AND t.revoked_at IS NULL AND t.consumed_at IS NULL AND t.expires_at > ?)`;

/** What users approved, read off the grants and tokens that are stored anyway. */
@Injectable()
export class ApprovalsStore {
  constructor(private readonly database: Database) {}

  /** The one that was approved last first. */
  async clients(
    username: string,
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): Promise<ApprovedClient[]> {
    const rows = await this.database.query<{ client_id: string; accesses: number }>(
      `SELECT g.client_id, COUNT(*) AS accesses, MAX(g.issued_at) AS newest FROM oauth2_artifact g
       WHERE ${inForce} GROUP BY g.client_id ORDER BY newest DESC, g.client_id LIMIT ? OFFSET ?`,
      [...inForceFor(username), limit, offset],
    );
    return rows.map(({ client_id: clientId, accesses }) => ({ clientId, accesses }));
  }

  /** Of each client the newest ones. */
  async newest(username: string, clientIds: readonly string[], each: number): Promise<readonly Access[]> {
    if (clientIds.length === 0) return [];
    return this.accesses(
      await this.database.query<HashRow>(
        `SELECT id_hash FROM (SELECT g.id_hash, ROW_NUMBER() OVER
           (PARTITION BY g.client_id ORDER BY g.issued_at DESC, g.id_hash) AS place FROM oauth2_artifact g
           WHERE ${inForce} AND g.client_id IN (${marks(clientIds)})) ranked WHERE place <= ?`,
        [...inForceFor(username), ...clientIds, each],
      ),
    );
  }

  /** Of one client, the newest first. */
  async ofClient(
    username: string,
    clientId: string,
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): Promise<readonly Access[]> {
    return this.accesses(
      await this.database.query<HashRow>(
        `SELECT g.id_hash FROM oauth2_artifact g WHERE ${inForce} AND g.client_id = ?
         ORDER BY g.issued_at DESC, g.id_hash LIMIT ? OFFSET ?`,
        [...inForceFor(username), clientId, limit, offset],
      ),
    );
  }

  private async accesses(rows: readonly HashRow[]): Promise<readonly Access[]> {
    const hashes = rows.map(({ id_hash: hash }) => hash);
    if (hashes.length === 0) return [];
    const found = await this.database.query<GrantRow>(
      `SELECT g.id_hash, g.client_id, g.payload, g.issued_at, c.context,
         (SELECT MAX(t.issued_at) FROM oauth2_artifact t WHERE t.grant_hash = g.id_hash) AS used_at
       FROM oauth2_artifact g LEFT JOIN oauth2_launch_context c ON c.grant_hash = g.id_hash
       WHERE g.id_hash IN (${marks(hashes)})`,
      hashes,
    );
    return found.map(accessOf).sort((a, b) => b.since - a.since || (a.handle < b.handle ? -1 : 1));
  }
}

function inForceFor(username: string): SqlValue[] {
  const now = Date.now();
  return [username, now, now];
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}

function accessOf(row: GrantRow): Access {
  const payload = JSON.parse(row.payload.toString('utf8')) as GrantPayload;
  const [[audience, text] = []] = Object.entries(payload.resources ?? {});
  const withheld = new Set([
    ...words(payload.rejected?.openid?.scope),
    ...words(audience === undefined ? undefined : payload.rejected?.resources?.[audience]),
  ]);
  const granted = new Set([...words(text), ...words(payload.openid?.scope)]);
  const { patient, encounter } = launchContextOf(
    row.context === null ? {} : (JSON.parse(row.context) as Readonly<Record<string, unknown>>),
  );
  const since = row.issued_at ?? (payload.iat ?? 0) * 1000;
  return {
    handle: row.id_hash.toString('hex'),
    clientId: row.client_id,
    scopes: [...granted].filter((scope) => !withheld.has(scope)),
    ...{ audience, patient, encounter, since },
    usedAt: row.used_at ?? since,
  };
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}
