import { hash } from 'node:crypto';
import type { SecretBox } from '../../platform/crypto/index.js';
import type { SqlRow, SqlValue } from '../../platform/database/index.js';

/** A token, session, grant or the like, as the protocol engine describes it. */
export type ArtifactPayload = Record<string, unknown>;

export interface ArtifactRow extends SqlRow {
  readonly id_hash: Buffer;
  readonly model: string;
  readonly payload: Buffer;
  readonly consumed_at: number | null;
  readonly expires_at: number;
}

/** Their payloads hold ids that are credentials: of the session cookie, of the interaction, of the device. */
const sealedModels = new Set(['Session', 'Interaction', 'DeviceCode']);
const purpose = 'oauth2-artifact';
const sealedFormat = 1;

/** SHA-256 of an id: what is stored in its place. */
export function artifactKey(id: string): Buffer {
  return hash('sha256', id, 'buffer');
}

/** What the columns of a row hold, and how its payload is kept. */
export class ArtifactCodec {
  constructor(private readonly secretBox: SecretBox) {}

  /** Values in the order of the columns. @param lifetime seconds */
  row(model: string, id: string, payload: ArtifactPayload, lifetime: number): SqlValue[] {
    const key = artifactKey(id);
    const { jti: _jti, ...rest } = payload;
    const content = sealedModels.has(model)
      ? this.secretBox.seal(purpose, JSON.stringify({ ...rest, jti: id }), key.toString('hex'))
      : Buffer.from(JSON.stringify(rest));
    const grantId = text(payload.grantId);
    const now = Date.now();
    return [
      key,
      model,
      grantId === null ? null : artifactKey(grantId),
      text(payload.uid) ?? text(payload.sessionUid),
      typeof payload.userCode === 'string' ? this.userCodeKey(payload.userCode) : null,
      text(payload.accountId),
      text(payload.clientId),
      content,
      now,
      now + Math.max(lifetime, 0) * 1000,
    ];
  }

  read(row: ArtifactRow): ArtifactPayload {
    const plain =
      row.payload[0] === sealedFormat
        ? this.secretBox.open(purpose, row.payload, row.id_hash.toString('hex'))
        : row.payload.toString('utf8');
    const payload = JSON.parse(plain) as ArtifactPayload;
    return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) };
  }

  /** What a user code is found by; too short to be hashed without a key. */
  userCodeKey(userCode: string): string {
    return this.secretBox.digest('oauth2-user-code', userCode);
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
