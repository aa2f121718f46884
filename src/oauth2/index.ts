// First of all, since the engine speaks when it is imported.
import './provider/runtime-notice.js';
export {
  LAUNCH_DIRECTORY,
  type Choices,
  type EncounterDetails,
  type LaunchDirectory,
  type LaunchUser,
  type PatientChoice,
  type PatientCriteria,
  type PatientDetails,
} from './launch/launch-directory.js';
export { ClaimSourcesModule } from './claims/claim-sources.module.js';
export { ClaimSources, type ClaimRequest, type Claims, type ClaimSource } from './claims/claim-sources.js';
export { LaunchesService } from './launch/launches.service.js';
export { Oauth2Module } from './oauth2.module.js';
export { Oauth2Events } from './events/oauth2-events.js';
export { RevocationService } from './token/revocation.service.js';
export { TokenIssuer, type IssuedToken, type TokenRequest } from './token/token-issuer.js';
export { RegistrationAccessService } from './registration/registration-access.service.js';
export {
  InitialAccessTokensService,
  registrable,
  type InitialAccessToken,
  type NewInitialAccessToken,
  type Registrable,
} from './registration/initial-access-tokens.service.js';
export { html, type Html } from './visitors/html.js';
export {
  formToken,
  page,
  seeOther,
  visitorOf,
  type PageContent,
  type PageReply,
  type PageRequest,
  type Visitor,
} from './visitors/visitor.js';
export { VisitorGate } from './visitors/visitor.gate.js';
export { KeyRing } from './keys/key-ring.js';
export { ENDPOINT_ISSUERS, type EndpointIssuer, type EndpointIssuers } from './discovery/endpoint-issuers.js';
export { oauth2OpenApiPaths } from './discovery/openapi-paths.js';
