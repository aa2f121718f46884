import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database, isDuplicateKey, VersionedRows } from '../../platform/database/index.js';
import { FieldErrors, FirekeepError } from '../../platform/errors/index.js';
import { isName } from '../store/names.rule.js';
import { isReferenceError } from '../store/reference-error.js';
import { TrustSnapshot } from '../store/trust-snapshot.js';
import { checkKeyPair, parseCertificates, summaries } from './pem.rule.js';
import { readTlsFiles } from './tls-files.js';
import { TlsConfigurationEntity, tlsKeyPurpose } from '../store/tls-configuration.entity.js';
import {
  tlsMinimumVersions,
  type TlsConfiguration,
  type TlsConfigurationChanges,
  type TlsConfigurationFiles,
  type TlsConfigurationInput,
} from './tls-configuration.js';

const rows = new VersionedRows({
  entity: TlsConfigurationEntity,
  named: ({ name }) => `The TLS configuration "${name}"`,
  mismatch: 'TRUST_VERSION_MISMATCH',
});

/** Named TLS configurations: what there is, and the only way to change it. */
@Injectable()
export class TlsConfigurationsService {
  constructor(
    private readonly database: Database,
    private readonly secretBox: SecretBox,
    private readonly snapshot: TrustSnapshot,
    @InjectRepository(TlsConfigurationEntity)
    private readonly repository: Repository<TlsConfigurationEntity>,
  ) {}

  /** By name. */
  async list(): Promise<TlsConfiguration[]> {
    return (await this.repository.find({ order: { name: 'ASC' } })).map(toConfiguration);
  }

  /** @throws FirekeepError 404 `TRUST_TLS_NOT_FOUND` */
  async get(name: string): Promise<TlsConfiguration> {
    const entity = await this.repository.findOneBy({ name });
    if (entity === null) throw notFound(name);
    return toConfiguration(entity);
  }

  /** @throws FirekeepError 400 `TRUST_TLS_INVALID` with one issue a field, 409 `TRUST_TLS_EXISTS` */
  async create(input: TlsConfigurationInput): Promise<TlsConfiguration> {
    const now = Date.now();
    const content = {
      minVersion: 'TLSv1.2' as const,
      ca: null,
      certificate: null,
      key: null,
      ...defined(input),
    };
    check(content, input.name);
    const { key, ...columns } = content;
    const entity: TlsConfigurationEntity = {
      ...columns,
      name: input.name,
      sealedKey: this.seal(input.name, key),
      version: 1,
      createdAt: now,
      updatedAt: now,
    };
    try {
      await this.database.write((manager) => manager.insert(TlsConfigurationEntity, entity));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new FirekeepError(
        'conflict',
        'TRUST_TLS_EXISTS',
        `There is a TLS configuration "${input.name}" already.`,
      );
    }
    await this.snapshot.refresh();
    return toConfiguration(entity);
  }

  /**
   * @param expectedVersion undefined: whatever is there is overwritten.
   * @throws FirekeepError 400 `TRUST_TLS_INVALID`, 404 `TRUST_TLS_NOT_FOUND`, 412 `TRUST_VERSION_MISMATCH`
   */
  async update(
    name: string,
    changes: TlsConfigurationChanges,
    expectedVersion?: number,
  ): Promise<TlsConfiguration> {
    const after = await this.database.write(async (manager) => {
      const before = await lock(manager, name, expectedVersion);
      const key =
        before.sealedKey === null ? null : this.secretBox.open(tlsKeyPurpose, before.sealedKey, name);
      const content = {
        minVersion: before.minVersion,
        ca: before.ca,
        certificate: before.certificate,
        key,
        ...defined(changes),
      };
      check(content, name);
      const { key: keyAfter, ...columns } = content;
      return rows.save(manager, before, { ...columns, sealedKey: this.seal(name, keyAfter) });
    });
    await this.snapshot.refresh();
    return toConfiguration(after);
  }

  /** @throws FirekeepError 404 `TRUST_TLS_NOT_FOUND`, 409 `TRUST_TLS_IN_USE`, 412 `TRUST_VERSION_MISMATCH` */
  async remove(name: string, expectedVersion?: number): Promise<void> {
    try {
      await this.database.write(async (manager) => {
        await lock(manager, name, expectedVersion);
        await manager.delete(TlsConfigurationEntity, { name });
      });
    } catch (error) {
      if (!isReferenceError(error)) throw error;
      throw new FirekeepError(
        'conflict',
        'TRUST_TLS_IN_USE',
        `The TLS configuration "${name}" is in use. Give the server descriptions and client configurations that use it another one first.`,
      );
    }
    await this.snapshot.refresh();
  }

  /**
   * Whether `apply` would take it; nothing is written.
   *
   * @throws FirekeepError `TRUST_TLS_FILE_UNREADABLE`, 400 `TRUST_TLS_INVALID`
   */
  async check(files: TlsConfigurationFiles): Promise<void> {
    const { name, ...content } = await readTlsFiles(files);
    check({ minVersion: 'TLSv1.2', ca: null, certificate: null, key: null, ...defined(content) }, name);
  }

  /**
   * Makes the configuration what the files hold now; for the bootstrap file. Nothing is written where nothing is
   * different.
   *
   * @throws FirekeepError `TRUST_TLS_FILE_UNREADABLE`, 400 `TRUST_TLS_INVALID`
   */
  async apply(files: TlsConfigurationFiles): Promise<TlsConfiguration> {
    const input = await readTlsFiles(files);
    const present = await this.repository.findOneBy({ name: files.name });
    if (present === null) return this.create(input);
    const key =
      present.sealedKey === null ? null : this.secretBox.open(tlsKeyPurpose, present.sealedKey, files.name);
    const same =
      present.ca === input.ca &&
      present.certificate === input.certificate &&
      key === input.key &&
      present.minVersion === (input.minVersion ?? present.minVersion);
    return same ? toConfiguration(present) : this.update(files.name, input);
  }

  private seal(name: string, key: string | null): Buffer | null {
    return key === null ? null : this.secretBox.seal(tlsKeyPurpose, key, name);
  }
}

type Content = Required<TlsConfigurationChanges>;

/** The changes that are given, and nothing else that the object may carry. */
function defined(changes: TlsConfigurationChanges): Partial<Content> {
  const { minVersion, ca, certificate, key } = changes;
  return {
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
  };
}

function check(content: Content, name: string): void {
  const errors = new FieldErrors();
  errors.when(!isName(name, 64), 'name', 'Use 1 to 64 letters, digits and . _ -');
  errors.when(
    !tlsMinimumVersions.includes(content.minVersion),
    'minVersion',
    `Use one of ${tlsMinimumVersions.join(', ')}.`,
  );
  if (content.ca !== null) parseCertificates(content.ca, 'ca', errors);
  checkKeyPair(content.certificate, content.key, errors);
  errors.throwIfAny('TRUST_TLS_INVALID');
}

async function lock(
  manager: EntityManager,
  name: string,
  expectedVersion: number | undefined,
): Promise<TlsConfigurationEntity> {
  const entity = await rows.find(manager, { name }, expectedVersion);
  if (entity === undefined) throw notFound(name);
  return entity;
}

function toConfiguration(entity: TlsConfigurationEntity): TlsConfiguration {
  return {
    name: entity.name,
    minVersion: entity.minVersion,
    ca: entity.ca,
    certificate: entity.certificate,
    hasKey: entity.sealedKey !== null,
    caCertificates: summaries(entity.ca),
    clientCertificates: summaries(entity.certificate),
    version: entity.version,
    createdAt: entity.createdAt,
    updatedAt: entity.updatedAt,
  };
}

function notFound(name: string): FirekeepError {
  return new FirekeepError('not-found', 'TRUST_TLS_NOT_FOUND', `There is no TLS configuration "${name}".`);
}
