import { deviceCodeGrant } from '../../clients/index.js';
import { type Answers, type Parameter, failure, query, text } from './openapi-vocabulary.js';

export const authorizationParameters = [
  query('response_type', 'code', true),
  query('client_id', 'Of a registered client.', true),
  query('redirect_uri', 'Exactly as registered; on loopback with any port.', true),
  query(
    'scope',
    'SMART scopes with openid, fhirUser, profile, launch, launch/patient, launch/encounter, offline_access, online_access, admin.',
    true,
  ),
  query('launch', 'Handle of a launch from an EHR, as the app got it; needs the scope launch.'),
  query(
    'aud',
    'Base URL of the FHIR endpoint or of the management API; required unless only identity is asked for.',
  ),
  query('resource', 'Another name for aud (RFC 8707).'),
  query('state', 'Comes back unchanged.'),
  query(
    'code_challenge',
    'PKCE (RFC 7636); every client needs it, save a confidential one that is exempted.',
  ),
  query('code_challenge_method', 'S256; plain is refused.'),
  query('nonce', 'Comes back in the id_token.'),
  query('prompt', 'none, login or consent.'),
  query('login_hint', 'User name to fill in.'),
  query('max_age', 'Seconds since the last sign-in at the most.'),
  query('response_mode', 'query (default), fragment or form_post.'),
  query(
    'request',
    'The parameters as a JWT that a key of the client signs (RFC 9101); those beside it don’t count.',
  ),
  query('request_uri', 'Of a pushed request (RFC 9126); others are refused.'),
  query('dpop_jkt', 'Thumbprint of the key that the code is bound to (RFC 9449).'),
];

export const toClient = {
  '303': {
    description:
      'To the sign-in page, or to redirect_uri with code, state and iss; or with error: invalid_request, invalid_scope, invalid_target (aud), access_denied, login_required, consent_required, unsupported_response_type.',
  },
  '400': { description: 'A page: the client is unknown or disabled, or the redirect URI is not registered.' },
} satisfies Answers;

export const contextProperties = {
  patient: text('Id of the patient in context.'),
  encounter: text('Id of the encounter in context.'),
  fhirContext: { type: 'array', items: { type: 'object' }, description: 'Further resources in context.' },
  intent: text('What the app shall do first.'),
  need_patient_banner: { type: 'boolean', description: 'Whether the app shows whose data it shows.' },
  smart_style_url: text('Where colours and sizes for the app are.'),
  tenant: text('Of the organization that launched the app.'),
};

export const tokenProperties = {
  access_token: text('Opaque for endpoints of this server; a JWT (RFC 9068) for remote resource servers.'),
  token_type: text('Bearer; DPoP where the request had a proof (RFC 9449).'),
  expires_in: { type: 'integer', description: 'Seconds: 3600; 300 without a user and for JWTs.' },
  scope: text('What was granted.'),
  refresh_token: text('With offline_access or online_access; each works once.'),
  id_token: text('With openid.'),
  ...contextProperties,
};

export const introspectionProperties = {
  active: { type: 'boolean' },
  scope: text('Granted scopes.'),
  client_id: text('Whom the token was given to.'),
  iss: text('This server.'),
  sub: text('User name, or client id for a token without a user.'),
  subject_type: text('Whose name sub is.', { enum: ['user', 'client'] }),
  aud: text('Base URL that the token is for.'),
  exp: { type: 'integer' },
  iat: { type: 'integer' },
  token_type: text('Bearer or DPoP.'),
  cnf: { type: 'object', description: 'jkt: thumbprint of the key that the token is bound to.' },
  fhirUser: text('Absolute URL of the user’s FHIR resource.'),
  ...contextProperties,
};

export const clientProperties = {
  client_name: text('Shown on the consent page, as unverified.'),
  redirect_uris: { type: 'array', items: { type: 'string' } },
  post_logout_redirect_uris: { type: 'array', items: { type: 'string' } },
  token_endpoint_auth_method: text('client_secret_basic where it is absent.', {
    enum: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  }),
  grant_types: {
    type: 'array',
    items: {
      type: 'string',
      enum: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrant],
    },
  },
  response_types: { type: 'array', items: { type: 'string', enum: ['code'] } },
  scope: text('Upper bound of what the client may ask for.'),
  resource: {
    type: 'array',
    items: { type: 'string' },
    description:
      'Base URLs of a resource server; needs an initial access token that registers resource-servers.',
  },
  jwks: { type: 'object', description: 'Public keys.' },
  jwks_uri: text('https on a public host.'),
  token_endpoint_auth_signing_alg: text('The only one that assertions may be signed by.'),
  backchannel_logout_uri: text(
    'https on a public host; told of a logout (OpenID Connect Back-Channel Logout).',
  ),
  backchannel_logout_session_required: {
    type: 'boolean',
    description: 'The logout token names the session.',
  },
  require_pushed_authorization_requests: { type: 'boolean', description: 'Only requests by PAR.' },
  require_signed_request_object: { type: 'boolean', description: 'Only signed requests.' },
  dpop_bound_access_tokens: { type: 'boolean', description: 'Only tokens bound to a key (RFC 9449).' },
  id_token_signed_response_alg: text('RS256 where it is absent.', { enum: ['RS256', 'ES256'] }),
  access_token_format: text('Of tokens for a resource server.', { enum: ['jwt', 'opaque'] }),
  access_token_signing_alg: text('Of JWTs for a resource server; RS256 where it is absent.', {
    enum: ['RS256', 'ES256'],
  }),
  contacts: { type: 'array', items: { type: 'string' } },
};
export const registeredProperties = {
  client_id: text('Given by the server.'),
  client_secret: text('This once; stored hashed.'),
  client_secret_expires_at: { type: 'integer', description: '0: never.' },
  client_id_issued_at: { type: 'integer' },
  registration_access_token: text('Opens the registration; a new one comes with each change.'),
  registration_client_uri: text('Address of the registration.'),
  ...clientProperties,
};
export const clientBody = (required: readonly string[]) => ({
  required: true,
  content: {
    'application/json': { schema: { type: 'object', required: [...required], properties: clientProperties } },
  },
});
export const registrationErrors = {
  '400': failure('invalid_redirect_uri or invalid_client_metadata.'),
  '401': failure('The token is missing, unknown, expired or used up.'),
} satisfies Answers;
export const clientIdInPath: Parameter = {
  name: 'client_id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
};
