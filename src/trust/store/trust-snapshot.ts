import { createHash } from 'node:crypto';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { SecretBox } from '../../platform/crypto/index.js';
import { Database, type SqlRow } from '../../platform/database/index.js';
import { Signal } from '../../platform/events/index.js';
import { Logger } from '../../platform/logging/index.js';
import { PolledTable } from '../../platform/schedule/index.js';
import { ClientConfigurationEntity, clientSecretPurpose } from './client-configuration.entity.js';
import type { TlsMaterial } from '../outbound/tls-material.js';
import { ServerDescriptionEntity } from './server-description.entity.js';
import type { ServerMetadata } from './server-metadata.js';
import { TlsConfigurationEntity, tlsKeyPurpose } from './tls-configuration.entity.js';

/** An application name with everything that verifying its tokens takes. */
export interface TrustedApplication {
  readonly applicationName: string;
  readonly issuer: string;
  /** Null: not discovered yet. */
  readonly metadata: ServerMetadata | null;
  readonly tls: TlsMaterial | null;
  /** Null: not registered there. */
  readonly credentials: { readonly clientId: string; readonly clientSecret: string } | null;
  /** Differs where anything above differs. */
  readonly fingerprint: string;
}

const stampStatement = ['tls_configuration', 'server_description', 'client_configuration']
  .map(
    (table) =>
      `SELECT '${table}' AS name, COUNT(*) AS number, COALESCE(SUM(version), 0) AS versions, COALESCE(MAX(updated_at), 0) AS latest FROM ${table}`,
  )
  .join(' UNION ALL ');

/**
 * TLS configurations, server descriptions and client configurations in memory, refreshed on change and every two
 * seconds, so that verifying a token reads no database.
 */
@Injectable()
export class TrustSnapshot implements OnModuleInit, OnApplicationShutdown {
  readonly changed = new Signal<undefined>();
  private tlsByName: ReadonlyMap<string, TlsMaterial> = new Map();
  private applications: ReadonlyMap<string, TrustedApplication> = new Map();
  private issuers: readonly string[] = [];
  private readonly table: PolledTable<SqlRow>;

  constructor(
    database: Database,
    private readonly secretBox: SecretBox,
    private readonly logger: Logger,
    @InjectRepository(TlsConfigurationEntity)
    private readonly tlsConfigurations: Repository<TlsConfigurationEntity>,
    @InjectRepository(ServerDescriptionEntity)
    private readonly servers: Repository<ServerDescriptionEntity>,
    @InjectRepository(ClientConfigurationEntity)
    private readonly clients: Repository<ClientConfigurationEntity>,
  ) {
    this.table = new PolledTable(database, {
      statement: stampStatement,
      changed: () => this.read(),
      failed: (error) => logger.debug('trust configuration not refreshed', error),
    });
  }

  onModuleInit(): Promise<void> {
    return this.table.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.table.stop();
  }

  application(applicationName: string): TrustedApplication | undefined {
    return this.applications.get(applicationName);
  }

  /** By application name. */
  allApplications(): readonly TrustedApplication[] {
    return [...this.applications.values()];
  }

  allIssuers(): readonly string[] {
    return this.issuers;
  }

  /** Material of a TLS configuration; null stands for none. */
  tls(name: string | null): TlsMaterial | null {
    return name === null ? null : (this.tlsByName.get(name) ?? null);
  }

  /** Reads the tables where something is different. */
  refresh(): Promise<void> {
    return this.table.refresh();
  }

  /** The stamp was taken before the rows: a change in between is read again the next time. */
  private async read(): Promise<void> {
    const [tlsConfigurations, servers, clients] = await Promise.all([
      this.tlsConfigurations.find(),
      this.servers.find(),
      this.clients.find({ order: { applicationName: 'ASC' } }),
    ]);
    this.tlsByName = new Map(tlsConfigurations.map((entity) => [entity.name, this.material(entity)]));
    const serverOf = new Map(servers.map((entity) => [entity.issuer, entity]));
    this.issuers = servers.map(({ issuer }) => issuer);
    this.applications = new Map(
      clients.map((entity) => [entity.applicationName, this.trusted(entity, serverOf.get(entity.issuer))]),
    );
    this.changed.emit(undefined);
  }

  private material(entity: TlsConfigurationEntity): TlsMaterial {
    const key = this.open(tlsKeyPurpose, entity.sealedKey, entity.name);
    const content = {
      name: entity.name,
      minVersion: entity.minVersion,
      ca: entity.ca,
      certificate: key === null ? null : entity.certificate,
      key,
    };
    return { ...content, fingerprint: fingerprintOf(content) };
  }

  private trusted(
    client: ClientConfigurationEntity,
    server: ServerDescriptionEntity | undefined,
  ): TrustedApplication {
    const clientSecret = this.open(clientSecretPurpose, client.sealedClientSecret, client.applicationName);
    const content = {
      applicationName: client.applicationName,
      issuer: client.issuer,
      metadata: server?.metadata == null ? null : (JSON.parse(server.metadata) as ServerMetadata),
      tls: this.tls(client.tlsName ?? server?.tlsName ?? null),
      credentials:
        client.clientId === null || clientSecret === null
          ? null
          : { clientId: client.clientId, clientSecret },
    };
    return { ...content, fingerprint: fingerprintOf(content) };
  }

  /** One secret that can't be read (another key) must not take the others down with it. */
  private open(purpose: string, sealed: Buffer | null, context: string): string | null {
    if (sealed === null) return null;
    try {
      return this.secretBox.open(purpose, sealed, context);
    } catch (error) {
      this.logger.error("a secret of the trust configuration can't be read", {
        purpose,
        name: context,
        problem: (error as Error).message,
      });
      return null;
    }
  }
}

function fingerprintOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
