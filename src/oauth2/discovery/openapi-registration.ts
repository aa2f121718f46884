import { clientBody, clientIdInPath, registeredProperties, registrationErrors } from './openapi-schemas.js';
import { failure, json, rfc, tag, type Paths } from './openapi-vocabulary.js';

/** Dynamic registration and its management. Source: RFC 7591, RFC 7592. */
export const registration: Paths = {
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
