import { deviceCodeGrant } from '../../clients/index.js';
import { registration } from './openapi-registration.js';
import {
  authorizationParameters,
  introspectionProperties,
  toClient,
  tokenProperties,
} from './openapi-schemas.js';
import {
  type Answers,
  type Operation,
  type Paths,
  clientAuthentication,
  clientSecurity,
  failure,
  form,
  json,
  query,
  rfc,
  tag,
  text,
} from './openapi-vocabulary.js';

const openid = 'https://openid.net/specs/openid-connect-core-1_0.html';

const smartMetadata = 'https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#metadata';
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
  '/oauth2/device_authorization': {
    post: tag('OAuth2', 'Ask for the codes of a device', rfc(8628), {
      security: clientSecurity,
      requestBody: form(
        {
          scope: text('As at the authorization endpoint.'),
          aud: text('The audience; the default endpoint where it is absent.'),
          resource: text('Another name for aud.'),
          ...clientAuthentication,
        },
        ['scope'],
      ),
      responses: {
        '200': json('Never cached.', {
          device_code: text('For the token endpoint, every five seconds.'),
          user_code: text('For the device to show.'),
          verification_uri: text('Where a person enters it: /oauth2/device.'),
          verification_uri_complete: text('The same with the code filled in.'),
          expires_in: { type: 'integer', description: 'Seconds: 600.' },
        }),
        '400': failure('unauthorized_client, invalid_scope, invalid_target, invalid_request.'),
        '401': failure('invalid_client: authentication failed.'),
      },
    }),
  },
  '/oauth2/device': {
    get: tag('OAuth2', 'The page where a person enters the code of a device', rfc(8628), {
      parameters: [query('user_code', 'Filled in.')],
      responses: { '200': { description: 'A page.' } },
    }),
    post: tag('OAuth2', 'The same by form', rfc(8628), {
      requestBody: form({ xsrf: text('Of the page.'), user_code: text('Of the device.') }, [
        'xsrf',
        'user_code',
      ]),
      responses: {
        '200': { description: 'A page that asks to compare the code.' },
        '303': { description: 'To sign-in and consent.' },
        '400': { description: 'A page: the code is not known.' },
        '429': { description: 'A page: too many codes were tried.' },
      },
    }),
  },
  '/oauth2/token': {
    post: tag('OAuth2', 'Get tokens for a code, a refresh token or a client itself', rfc(6749), {
      security: clientSecurity,
      requestBody: form(
        {
          grant_type: {
            type: 'string',
            enum: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrant],
          },
          device_code: text('device_code: every five seconds, until the user has decided.'),
          code: text('authorization_code: within 60 seconds, once.'),
          code_verifier: text('authorization_code: of the PKCE challenge.'),
          redirect_uri: text('authorization_code: as in the authorization request.'),
          refresh_token: text('refresh_token: the latest; an older one ends the whole family.'),
          scope: text('refresh_token: within what was granted; client_credentials: system/ scopes.'),
          aud: text(
            'The audience: of client_credentials the default endpoint where it is absent, else that of the grant.',
          ),
          resource: text('Another name for aud.'),
          ...clientAuthentication,
        },
        ['grant_type'],
      ),
      responses: {
        '200': json('Never cached.', tokenProperties),
        '400': failure(
          'invalid_grant, invalid_scope, invalid_target, invalid_request, unauthorized_client, unsupported_grant_type, invalid_dpop_proof; authorization_pending, slow_down, expired_token, access_denied of a device.',
        ),
        '401': failure('invalid_client: authentication failed.'),
        '429': failure('Too many attempts.'),
      },
    }),
  },
  '/oauth2/introspection': {
    post: tag('OAuth2', 'Ask about a token, as the resource server that it is for', rfc(7662), {
      description:
        'As a resource server about tokens for its own base URLs, by client authentication or by an access token of its own; as an administrator about every token, by one with the scope admin.',
      security: [...clientSecurity, { bearer: [] }],
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
  '/oauth2/approvals': {
    get: tag(
      'OAuth2',
      'The page of what a person has approved, and where they are signed in',
      smartMetadata,
      {
        parameters: [
          query('app', 'Client id: the accesses of one application.'),
          query('page', 'From 1; ten applications or accesses on each.'),
          query('ui_locales', 'Languages that the reader reads, the best first: OpenID Connect.'),
        ],
        responses: { '200': { description: 'A page; of sign-in, where nobody is signed in.' } },
      },
    ),
    post: tag(
      'OAuth2',
      'End an access, an application or a session, by the form of the page',
      smartMetadata,
      {
        requestBody: form(
          {
            csrf: text('Of the page.'),
            end: { type: 'string', enum: ['app', 'access', 'session', 'sessions'] },
            value: text('What is ended, as the page names it; sessions: all others.'),
          },
          ['csrf', 'end'],
        ),
        responses: {
          '303': { description: 'To the page, which says what was ended.' },
          '403': { description: 'A page: the form did not come from the page that was shown.' },
        },
      },
    ),
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
