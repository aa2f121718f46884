export { ClientsModule } from './clients.module.js';
export { ClientsService } from './clients.service.js';
export { ClientLookup } from './client-lookup.js';
export { ClientEntity } from './client.entity.js';
export { docsClientId } from './client.rules.js';
export { isLoopback } from './loopback.rule.js';
export { redirectUriProblem } from './redirect-uri.rule.js';
export { withoutSlash } from './base-url.js';
export { resourceLifetime, withLifetimesOf } from './resource-lifetimes.rule.js';
export { authMethods, clientTypes, deviceCodeGrant, grantTypes } from './client.js';
export type {
  Client,
  ClientChanges,
  ClientInput,
  ClientType,
  CreatedClient,
  GrantType,
  JsonWebKeySet,
  TokenEndpointAuthMethod,
} from './client.js';
