import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { migrations } from '../../migrations/index.js';
import { LOCAL_ACCESS_TOKENS, type LocalAccessTokens } from '../../src/contract/index.js';
import { ClientEntity } from '../../src/clients/index.js';
import { EndpointEntity } from '../../src/endpoints/index.js';
import { Settings } from '../../src/platform/config/index.js';
import { SecretBox } from '../../src/platform/crypto/index.js';
import { DatabaseModule, openDatabase, type Database } from '../../src/platform/database/index.js';
import { HttpFront } from '../../src/platform/http/index.js';
import { Logger } from '../../src/platform/logging/index.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { trustEntities, TrustModule } from '../../src/trust/index.js';
import { CredentialEntity, ReservedNameEntity, UserEntity } from '../../src/users/index.js';

export interface TrustApplicationOptions {
  readonly databaseUrl: string;
  readonly role?: 'both' | 'resource-server';
  readonly localTokens?: LocalAccessTokens;
}

/** Ports that other modules fill. */
@Module({})
class Ports {
  static of(localTokens: LocalAccessTokens | undefined): DynamicModule {
    const providers =
      localTokens === undefined ? [] : [{ provide: LOCAL_ACCESS_TOKENS, useValue: localTokens }];
    return { module: Ports, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}

@Module({})
class TrustTestModule {}

const secretKey = Buffer.alloc(32, 7);

/** The trust module on a real database, without HTTP. */
export async function openTrust(options: TrustApplicationOptions): Promise<{
  readonly app: INestApplicationContext;
  readonly database: Database;
}> {
  const settings = Settings.of({
    databaseUrl: options.databaseUrl,
    role: options.role ?? 'both',
    publicUrl: 'http://localhost:8080',
    logLevel: 'silent',
  });
  const entities = [
    UserEntity,
    CredentialEntity,
    ReservedNameEntity,
    ClientEntity,
    EndpointEntity,
    ...trustEntities,
  ];
  const database = await openDatabase(settings, entities, migrations);
  const module: DynamicModule = {
    module: TrustTestModule,
    imports: [
      PlatformModule.of({
        settings,
        secretBox: new SecretBox(secretKey),
        logger: Logger.of(settings),
        front: new HttpFront(),
      }),
      DatabaseModule.of(database),
      Ports.of(options.localTokens),
      TrustModule,
    ],
  };
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  return { app, database };
}
