import { ClientConfigurationEntity } from './client-configuration.entity.js';
import { ServerDescriptionEntity } from './server-description.entity.js';
import { SetupEntity } from './setup.entity.js';
import { TlsConfigurationEntity } from './tls-configuration.entity.js';

/** For the composition root, which lists every entity. */
export const trustEntities = [
  TlsConfigurationEntity,
  ServerDescriptionEntity,
  ClientConfigurationEntity,
  SetupEntity,
] as const;
