import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/index.js';
import { EndpointsModule } from '../endpoints/index.js';
import { ClientConfigurationView } from './client-configurations/client-configuration.view.js';
import { ClientConfigurationsService } from './client-configurations/client-configurations.service.js';
import { DynamicRegistration } from './client-configurations/dynamic-registration.js';
import { OwnRegistration } from './client-configurations/own-registration.js';
import { RegistrationExchange } from './client-configurations/registration-exchange.js';
import { RegistrationAnswers } from './client-configurations/registration-answers.store.js';
import { TrustSnapshot } from './store/trust-snapshot.js';
import { DanglingNameLog } from './status/dangling-name.log.js';
import { OutboundHttp } from './outbound/outbound-http.js';
import { OwnIssuer } from './own-issuer/own-issuer.js';
import { IssuerDiscovery } from './server-descriptions/issuer-discovery.service.js';
import { ServerDescriptionsService } from './server-descriptions/server-descriptions.service.js';
import { SetupQueue } from './store/setup-queue.js';
import { SetupWorker } from './setup/setup-worker.js';
import { TlsConfigurationsService } from './tls-configurations/tls-configurations.service.js';
import { TokenVerifier } from './token-verification/token-verifier.js';
import { trustEntities } from './store/trust-entities.js';
import { TrustStatus } from './status/trust-status.js';
import { TrustedIssuers } from './trusted-issuers.js';

/**
 * This server as OAuth2 client and resource server. It takes LOCAL_ACCESS_TOKENS and OWN_METADATA where the
 * composition root provides them: a process that is a resource server only has neither.
 */
@Module({
  imports: [ClientsModule, EndpointsModule, TypeOrmModule.forFeature([...trustEntities])],
  providers: [
    { provide: OutboundHttp, useFactory: () => new OutboundHttp() },
    OwnIssuer,
    TrustSnapshot,
    SetupQueue,
    SetupWorker,
    TlsConfigurationsService,
    IssuerDiscovery,
    ServerDescriptionsService,
    DynamicRegistration,
    OwnRegistration,
    RegistrationExchange,
    RegistrationAnswers,
    ClientConfigurationView,
    ClientConfigurationsService,
    TokenVerifier,
    TrustStatus,
    TrustedIssuers,
    DanglingNameLog,
  ],
  exports: [
    TlsConfigurationsService,
    ServerDescriptionsService,
    ClientConfigurationsService,
    TokenVerifier,
    TrustStatus,
    TrustedIssuers,
  ],
})
export class TrustModule {}
