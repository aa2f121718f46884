import { ClientConfigurationEntity } from './client-configurations/client-configuration.entity.js';
import { ServerDescriptionEntity } from './server-descriptions/server-description.entity.js';
import { SetupEntity } from './setup/setup.entity.js';
import { TlsConfigurationEntity } from './tls-configurations/tls-configuration.entity.js';

/** For the composition root, which lists every entity. */
export const trustEntities = [
  TlsConfigurationEntity,
  ServerDescriptionEntity,
  ClientConfigurationEntity,
  SetupEntity,
] as const;
