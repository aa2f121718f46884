import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Settings } from '../platform/config/index.js';
import { FirekeepError } from '../platform/errors/index.js';
import { VisitorGate } from '../oauth2/index.js';
import { PAGE_GATE } from '../platform/http/index.js';
import { OWN_METADATA, type OwnMetadata } from '../trust/index.js';

/** The own issuer's metadata by its own route, without a way through the network. */
@Injectable()
class OwnMetadataByRoute implements OwnMetadata {
  constructor(
    private readonly settings: Settings,
    private readonly host: HttpAdapterHost,
  ) {}

  get issuer(): string {
    return this.settings.issuer;
  }

  async metadata(): Promise<Readonly<Record<string, unknown>>> {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const answer = await fastify.inject({ method: 'GET', url: '/oauth2/.well-known/openid-configuration' });
    if (answer.statusCode !== 200) {
      throw new FirekeepError(
        'unavailable',
        'OWN_ISSUER_NOT_READY',
        'The own authorization server is not ready yet.',
      );
    }
    return answer.json<Record<string, unknown>>();
  }
}

@Module({})
class OwnIssuerModule {}

/**
 * Hands the own issuer to those who verify tokens and describe servers. Global, because `trust` must not know
 * `oauth2`; empty in a process that is a resource server only.
 */
export function ownIssuerModule(settings: Settings, oauth2: DynamicModule): DynamicModule {
  if (!settings.servesAuthorization) return { module: OwnIssuerModule };
  return {
    module: OwnIssuerModule,
    global: true,
    imports: [oauth2],
    providers: [
      OwnMetadataByRoute,
      { provide: OWN_METADATA, useExisting: OwnMetadataByRoute },
      { provide: PAGE_GATE, useExisting: VisitorGate },
    ],
    exports: [oauth2, OWN_METADATA, PAGE_GATE],
  };
}
