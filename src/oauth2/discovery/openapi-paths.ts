import type { OpenAPIObject } from '@nestjs/swagger';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
type Schema = Readonly<Record<string, unknown>>;
type Answers = Operation['responses'];

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });

const query = (name: string, description: string, required = false) => ({
  name,
  in: 'query' as const,
  required,
  description,
  schema: { type: 'string' as const },
});

const json = (description: string, properties: Readonly<Record<string, Schema>> = {}): Answers[string] => ({
  description,
  content: { 'application/json': { schema: { type: 'object', properties } } },
});

const errorProperties = {
  error: text('Code of the specification, for example invalid_grant.'),
  error_description: text('What is wrong, in words.'),
};
const failure = (description: string): Answers[string] => json(description, errorProperties);

const form = (properties: Readonly<Record<string, Schema>>, required: readonly string[]) => ({
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', required: [...required], properties },
    },
  },
});

const clientAuthentication = {
  client_id: text('Of a client that doesn’t authenticate by HTTP Basic.'),
  client_secret: text('With client_secret_post.'),
  client_assertion_type: text('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: text(
    'With private_key_jwt: RS256 to RS512, PS256 to PS512, ES256 or ES384; good for five minutes at most, used once.',
  ),
};

/** By HTTP Basic, or as the form says. */
const clientSecurity = [{ basic: [] }, {}];

const authorizationParameters = [
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

const toClient = {
  '303': {
    description:
      'To the sign-in page, or to redirect_uri with code, state and iss; or with error: invalid_request, invalid_scope, invalid_target (aud), access_denied, login_required, consent_required, unsupported_response_type.',
  },
  '400': { description: 'A page: the client is unknown or disabled, or the redirect URI is not registered.' },
} satisfies Answers;

const contextProperties = {
  patient: text('Id of the patient in context.'),
  encounter: text('Id of the encounter in context.'),
  fhirContext: { type: 'array', items: { type: 'object' }, description: 'Further resources in context.' },
  intent: text('What the app shall do first.'),
  need_patient_banner: { type: 'boolean', description: 'Whether the app shows whose data it shows.' },
  smart_style_url: text('Where colours and sizes for the app are.'),
  tenant: text('Of the organization that launched the app.'),
};

const tokenProperties = {
  access_token: text('Opaque for endpoints of this server; a JWT (RFC 9068) for remote resource servers.'),
  token_type: text('Bearer; DPoP where the request had a proof (RFC 9449).'),
  expires_in: { type: 'integer', description: 'Seconds: 3600; 300 without a user and for JWTs.' },
  scope: text('What was granted.'),
  refresh_token: text('With offline_access or online_access; each works once.'),
  id_token: text('With openid.'),
  ...contextProperties,
};

const introspectionProperties = {
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

const clientProperties = {
  client_name: text('Shown on the consent page, as unverified.'),
  redirect_uris: { type: 'array', items: { type: 'string' } },
  post_logout_redirect_uris: { type: 'array', items: { type: 'string' } },
  token_endpoint_auth_method: text('client_secret_basic where it is absent.', {
    enum: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  }),
  grant_types: {
    type: 'array',
    items: { type: 'string', enum: ['authorization_code', 'refresh_token', 'client_credentials'] },
  },
  response_types: { type: 'array', items: { type: 'string', enum: ['code'] } },
  scope: text('Upper bound of what the client may ask for.'),
  resource: {
    type: 'array',
    items: { type: 'string' },
    description: 'Base URLs of a resource server; needs an initial access token.',
  },
  jwks: { type: 'object', description: 'Public keys.' },
  jwks_uri: text('https on a public host.'),
  token_endpoint_auth_signing_alg: text('The only one that assertions may be signed by.'),
  require_pushed_authorization_requests: { type: 'boolean', description: 'Only requests by PAR.' },
  require_signed_request_object: { type: 'boolean', description: 'Only signed requests.' },
  dpop_bound_access_tokens: { type: 'boolean', description: 'Only tokens bound to a key (RFC 9449).' },
  id_token_signed_response_alg: text('RS256 where it is absent.', { enum: ['RS256', 'ES256'] }),
  access_token_format: text('Of tokens for a resource server.', { enum: ['jwt', 'opaque'] }),
  contacts: { type: 'array', items: { type: 'string' } },
};
const registeredProperties = {
  client_id: text('Given by the server.'),
  client_secret: text('This once; stored hashed.'),
  client_secret_expires_at: { type: 'integer', description: '0: never.' },
  client_id_issued_at: { type: 'integer' },
  registration_access_token: text('Opens the registration; a new one comes with each change.'),
  registration_client_uri: text('Address of the registration.'),
  ...clientProperties,
};
const clientBody = (required: readonly string[]) => ({
  required: true,
  content: {
    'application/json': { schema: { type: 'object', required: [...required], properties: clientProperties } },
  },
});
const registrationErrors = {
  '400': failure('invalid_redirect_uri or invalid_client_metadata.'),
  '401': failure('The token is missing, unknown, expired or used up.'),
} satisfies Answers;
const clientIdInPath: Parameter = {
  name: 'client_id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
};

const tag = (
  name: string,
  summary: string,
  specification: string,
  rest: Omit<Operation, 'summary'>,
): Operation => ({
  tags: [name],
  summary,
  externalDocs: { url: specification },
  ...rest,
});
const rfc = (number: number): string => `https://www.rfc-editor.org/rfc/rfc${number}`;
const openid = 'https://openid.net/specs/openid-connect-core-1_0.html';

const logoutSpecification = 'https://openid.net/specs/openid-connect-rpinitiated-1_0.html';
const logoutParameters = [
  query('id_token_hint', 'An id_token of this server.'),
  query('client_id', 'Who asks.'),
  query('post_logout_redirect_uri', 'Registered address to go to afterwards.'),
  query('state', 'Comes back unchanged.'),
];
const logoutAnswers = {
  '200': { description: 'A page that asks.' },
  '400': { description: 'A page: the address is not registered.' },
} satisfies Answers;

const userinfo = {
  security: [{ bearer: [] }],
  responses: {
    '200': json('Claims by scope.', {
      sub: text('User name.'),
      fhirUser: text('With the scope fhirUser: absolute URL.'),
      preferred_username: text('With the scope profile.'),
    }),
    '401': failure('invalid_token'),
    '403': failure('insufficient_scope: the token has no openid.'),
  },
} satisfies Omit<Operation, 'summary'>;

const flows: Paths = {
  '/oauth2/authorize': {
    get: tag('OAuth2', 'Ask a user for an authorization code', rfc(6749), {
      parameters: [...authorizationParameters],
      responses: toClient,
    }),
    post: tag('OAuth2', 'The same by form; answered by a redirect to the GET', rfc(6749), {
      requestBody: form(
        Object.fromEntries(authorizationParameters.map(({ name }) => [name, { type: 'string' }])),
        ['response_type', 'client_id', 'redirect_uri', 'scope'],
      ),
      responses: { '303': { description: 'To the GET with the same parameters.' } },
    }),
  },
  '/oauth2/par': {
    post: tag('OAuth2', 'Push an authorization request', rfc(9126), {
      security: clientSecurity,
      requestBody: form(
        {
          ...Object.fromEntries(
            authorizationParameters
              .filter(({ name }) => name !== 'request_uri')
              .map(({ name, description }) => [name, text(description)]),
          ),
          ...clientAuthentication,
        },
        [],
      ),
      responses: {
        '201': json('Good for one authorization request with client_id and request_uri.', {
          request_uri: text('In place of the parameters.'),
          expires_in: { type: 'integer', description: 'Seconds: 60.' },
        }),
        '400': failure('As the authorization endpoint says; invalid_request_object.'),
        '401': failure('invalid_client: authentication failed.'),
      },
    }),
  },
  '/oauth2/token': {
    post: tag('OAuth2', 'Get tokens for a code, a refresh token or a client itself', rfc(6749), {
      security: clientSecurity,
      requestBody: form(
        {
          grant_type: { type: 'string', enum: ['authorization_code', 'refresh_token', 'client_credentials'] },
          code: text('authorization_code: within 60 seconds, once.'),
          code_verifier: text('authorization_code: of the PKCE challenge.'),
          redirect_uri: text('authorization_code: as in the authorization request.'),
          refresh_token: text('refresh_token: the latest; an older one ends the whole family.'),
          scope: text('refresh_token: within what was granted; client_credentials: system/ scopes.'),
          aud: text('client_credentials: the audience; the default endpoint where it is absent.'),
          resource: text('Another name for aud.'),
          ...clientAuthentication,
        },
        ['grant_type'],
      ),
      responses: {
        '200': json('Never cached.', tokenProperties),
        '400': failure(
          'invalid_grant, invalid_scope, invalid_target, invalid_request, unsupported_grant_type.',
        ),
        '401': failure('invalid_client: authentication failed.'),
        '429': failure('Too many attempts.'),
      },
    }),
  },
  '/oauth2/introspection': {
    post: tag('OAuth2', 'Ask about a token, as the resource server that it is for', rfc(7662), {
      security: clientSecurity,
      requestBody: form({ token: text('Opaque or JWT.'), ...clientAuthentication }, ['token']),
      responses: {
        '200': json(
          'Only {"active": false} for what is unknown, ended or of others.',
          introspectionProperties,
        ),
        '401': failure('invalid_client'),
      },
    }),
  },
  '/oauth2/revocation': {
    post: tag('OAuth2', 'Take back a token and what came with it', rfc(7009), {
      security: clientSecurity,
      requestBody: form({ token: text('Access or refresh token, opaque or JWT.'), ...clientAuthentication }, [
        'token',
      ]),
      responses: {
        '200': { description: 'It is not in force any more; also for an unknown one.' },
        '401': failure('invalid_client'),
      },
    }),
  },
  '/oauth2/userinfo': {
    get: tag('OAuth2', 'Who the user of a token is', `${openid}#UserInfo`, userinfo),
    post: tag('OAuth2', 'The same by POST', `${openid}#UserInfo`, userinfo),
  },
  '/oauth2/logout': {
    get: tag('OAuth2', 'Sign out, after asking', logoutSpecification, {
      parameters: logoutParameters,
      responses: logoutAnswers,
    }),
    post: tag('OAuth2', 'The same by form', logoutSpecification, {
      requestBody: form(
        Object.fromEntries(logoutParameters.map(({ name, description }) => [name, text(description)])),
        [],
      ),
      responses: logoutAnswers,
    }),
  },
};

const registration: Paths = {
  '/oauth2/register': {
    post: tag('Registration', 'Register a client', rfc(7591), {
      description: 'By default with an initial access token of the administrator as bearer token.',
      security: [{ bearer: [] }],
      requestBody: clientBody([]),
      responses: {
        '201': json('Registered.', registeredProperties),
        ...registrationErrors,
        '403': failure('Dynamic registration is switched off.'),
        '429': failure('Too many registrations.'),
      },
    }),
  },
  '/oauth2/register/{client_id}': {
    get: tag('Registration', 'Read the registration', rfc(7592), {
      parameters: [clientIdInPath],
      security: [{ bearer: [] }],
      responses: { '200': json('As it is now.', registeredProperties), ...registrationErrors },
    }),
    put: tag('Registration', 'Replace the registration', rfc(7592), {
      parameters: [clientIdInPath],
      security: [{ bearer: [] }],
      requestBody: clientBody([]),
      responses: {
        '200': json('Changed; with a new registration access token.', registeredProperties),
        ...registrationErrors,
      },
    }),
    delete: tag('Registration', 'Remove the client and all its tokens', rfc(7592), {
      parameters: [clientIdInPath],
      security: [{ bearer: [] }],
      responses: { '204': { description: 'Removed.' }, '401': registrationErrors['401'] },
    }),
  },
};

const discovery: Paths = {
  '/oauth2/.well-known/openid-configuration': {
    get: tag('Discovery', 'Metadata of the authorization server', rfc(8414), {
      responses: { '200': json('For any origin.') },
    }),
  },
  '/.well-known/oauth-authorization-server/oauth2': {
    get: tag('Discovery', 'The same at the address of RFC 8414', rfc(8414), {
      responses: { '200': json('For any origin.') },
    }),
  },
  '/oauth2/jwks': {
    get: tag('Discovery', 'Public keys that verify id_tokens and JWT access tokens', rfc(7517), {
      responses: {
        '200': {
          description: 'For any origin.',
          content: {
            'application/jwk-set+json': {
              schema: { type: 'object', properties: { keys: { type: 'array', items: { type: 'object' } } } },
            },
          },
        },
      },
    }),
  },
};

/** The routes of the authorization server for the OpenAPI document: they aren't Nest's, so Swagger can't scan them. */
export const oauth2OpenApiPaths: Paths = { ...flows, ...registration, ...discovery };
