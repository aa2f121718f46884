export { TrustedIssuers } from './trusted-issuers.js';
export { TrustModule } from './trust.module.js';
export { TrustStatus, type TrustReport } from './trust-status.js';
export { OutboundError, type OutboundStage } from './outbound/outbound-error.js';
export { OUTBOUND_LIMITS } from './outbound/outbound-http.js';
export { defaultOutboundLimits, type OutboundLimits } from './outbound/outbound-limits.js';
export type { TlsMinimumVersion } from './outbound/tls-material.js';
export { TlsConfigurationsService } from './tls-configurations/tls-configurations.service.js';
export {
  tlsMinimumVersions,
  type CertificateSummary,
  type TlsConfiguration,
  type TlsConfigurationChanges,
  type TlsConfigurationFiles,
  type TlsConfigurationInput,
} from './tls-configurations/tls-configuration.js';
export { ServerDescriptionsService } from './server-descriptions/server-descriptions.service.js';
export type {
  DiscoveryPreview,
  ServerDescription,
  ServerDescriptionChanges,
  ServerDescriptionInput,
  SetupFailure,
} from './server-descriptions/server-description.js';
export type { MetadataDifference } from './server-descriptions/metadata-difference.js';
export type { ServerMetadata } from './server-descriptions/server-metadata.js';
export { OWN_METADATA, type OwnMetadata } from './server-descriptions/own-metadata.js';
export { ClientConfigurationsService } from './client-configurations/client-configurations.service.js';
export type {
  ClientConfiguration,
  ClientConfigurationChanges,
  ClientConfigurationInput,
  DanglingName,
  MetadataDrift,
  NextAction,
  RegistrationStatus,
  RemovedClientConfiguration,
} from './client-configurations/client-configuration.js';
export { TokenVerifier } from './token-verification/token-verifier.js';

import { ClientConfigurationEntity } from './client-configurations/client-configuration.entity.js';
import { ServerDescriptionEntity } from './server-descriptions/server-description.entity.js';
import { SetupEntity } from './setup/setup.entity.js';
import { TlsConfigurationEntity } from './tls-configurations/tls-configuration.entity.js';

/** For the composition root. */
export const trustEntities = [
  TlsConfigurationEntity,
  ServerDescriptionEntity,
  ClientConfigurationEntity,
  SetupEntity,
] as const;
