import { Inject, Injectable, Optional } from '@nestjs/common';
import { deviceCodeGrant } from '../../clients/index.js';
import { EndpointRegistry, type FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { signatureAlgorithmNames } from '../../platform/json-web/index.js';
import { namedScopes } from '../scopes/scope-grammar.js';
import { ENDPOINT_ISSUERS, type EndpointIssuer, type EndpointIssuers } from './endpoint-issuers.js';
import { managementEndpoint, resourceScopes } from './authorization-server-metadata.js';
import { smartCapabilities } from './smart-capabilities.js';

type Metadata = Record<string, unknown>;

/** Members of a metadata document that SMART takes over from it. */
const takenOver = [
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'registration_endpoint',
  'scopes_supported',
  'response_types_supported',
  'response_modes_supported',
  'grant_types_supported',
  'management_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'userinfo_endpoint',
  'end_session_endpoint',
  'code_challenge_methods_supported',
  'authorization_response_iss_parameter_supported',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
];

/** Documents that tell a client how to get a token for an endpoint. */
@Injectable()
export class EndpointMetadata {
  constructor(
    private readonly settings: Settings,
    private readonly endpoints: EndpointRegistry,
    @Optional() @Inject(ENDPOINT_ISSUERS) private readonly issuers?: EndpointIssuers,
  ) {}

  /**
   * `/.well-known/smart-configuration` of an endpoint.
   * https://hl7.org/fhir/smart-app-launch/conformance.html
   */
  async smartConfiguration(endpoint: FhirEndpoint): Promise<Metadata> {
    const other = await this.otherIssuer(endpoint);
    if (other === undefined) return this.ownSmartConfiguration(endpoint);
    const members = Object.entries(other.metadata).filter(([name]) => takenOver.includes(name));
    const { capabilities } = other.metadata;
    return withIssuer(other.issuer, {
      ...Object.fromEntries(members),
      capabilities: Array.isArray(capabilities) ? (capabilities as unknown[]) : capabilitiesOf(other),
    });
  }

  /**
   * Protected resource metadata.
   * https://www.rfc-editor.org/rfc/rfc9728#section-2
   *
   * @throws FirekeepError 404 `OAUTH2_UNKNOWN_RESOURCE`
   */
  async protectedResource(path: string): Promise<Metadata> {
    const endpoint = this.endpoints
      .all()
      .find((candidate) => candidate.path === path.replace(/\/$/, '') && this.endpoints.isServed(candidate));
    if (endpoint === undefined) {
      throw new FirekeepError('not-found', 'OAUTH2_UNKNOWN_RESOURCE', 'No FHIR endpoint is at this address.');
    }
    const other = await this.otherIssuer(endpoint);
    return {
      resource: endpoint.base,
      authorization_servers: [other?.issuer ?? this.issuer],
      bearer_methods_supported: bearerMethods(endpoint),
      ...(endpoint.checkMode === 'bearer'
        ? {
            dpop_signing_alg_values_supported: signatureAlgorithmNames,
            dpop_bound_access_tokens_required: false,
          }
        : {}),
      scopes_supported: resourceScopes,
      resource_name: `Firekeep FHIR R4 at ${endpoint.path}`,
      resource_documentation: `${this.settings.publicUrl}/docs`,
    };
  }

  private get issuer(): string {
    return this.settings.issuer;
  }

  /** Undefined: this server's own issuer. @throws FirekeepError 503 where there is none to name. */
  private async otherIssuer(endpoint: FhirEndpoint): Promise<EndpointIssuer | undefined> {
    const found = this.issuers === undefined ? undefined : await this.issuers.of(endpoint);
    if (found != null) return found;
    const isOwn = endpoint.oauthClientName === null || found === null;
    if (isOwn && this.settings.servesAuthorization) return undefined;
    throw new FirekeepError(
      'unavailable',
      'OAUTH2_NO_ISSUER',
      `The endpoint ${endpoint.path} has no authorization server: its OAuth client name must be the application name of a client configuration.`,
    );
  }

  private ownSmartConfiguration(endpoint: FhirEndpoint): Metadata {
    const { issuer } = this;
    // Without a way to bring a token there is nothing that an app could be launched for, or have access to.
    const takesTokens = bearerMethods(endpoint).length > 0;
    return withIssuer(issuer, {
      jwks_uri: `${issuer}/jwks`,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ],
      token_endpoint_auth_signing_alg_values_supported: signatureAlgorithmNames,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrant],
      device_authorization_endpoint: `${issuer}/device_authorization`,
      pushed_authorization_request_endpoint: `${issuer}/par`,
      ...(this.settings.get('registration') === 'off' ? {} : { registration_endpoint: `${issuer}/register` }),
      scopes_supported: [...namedScopes.filter((scope) => scope !== 'admin'), ...resourceScopes],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      authorization_response_iss_parameter_supported: true,
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: `${issuer}/logout`,
      ...(takesTokens ? { management_endpoint: managementEndpoint(issuer) } : {}),
      introspection_endpoint: `${issuer}/introspection`,
      revocation_endpoint: `${issuer}/revocation`,
      code_challenge_methods_supported: ['S256'],
      capabilities: takesTokens ? smartCapabilities : [],
    });
  }
}

/** The issuer is there with OpenID Connect, and without it is left out. */
function withIssuer(
  issuer: string,
  document: Metadata & { readonly capabilities: readonly unknown[] },
): Metadata {
  return document.capabilities.includes('sso-openid-connect') ? { issuer, ...document } : document;
}

function bearerMethods({ checkMode }: FhirEndpoint): readonly string[] {
  if (checkMode === 'basic-and-bearer') return ['body', 'query'];
  return checkMode === 'bearer' ? ['header'] : [];
}

/** What can be read off the metadata of a server that doesn't speak of SMART. */
function capabilitiesOf({ metadata }: EndpointIssuer): readonly string[] {
  const has = (member: string, value: string): boolean => {
    const list = metadata[member];
    return Array.isArray(list) && (list as unknown[]).includes(value);
  };
  const methods = 'token_endpoint_auth_methods_supported';
  return [
    ...(has(methods, 'none') ? ['client-public'] : []),
    ...(has(methods, 'client_secret_basic') ? ['client-confidential-symmetric'] : []),
    ...(has(methods, 'private_key_jwt') ? ['client-confidential-asymmetric'] : []),
    ...(has('scopes_supported', 'openid') ? ['sso-openid-connect'] : []),
    ...(has('grant_types_supported', 'refresh_token') ? ['permission-offline'] : []),
    ...['permission-user', 'permission-v1', 'permission-v2'],
  ];
}
