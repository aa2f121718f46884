import { isRepositoryName } from '../platform/config/index.js';
import { FieldErrors } from '../platform/errors/index.js';
import { checkModes, type EndpointInput } from './endpoint.js';

const pathShape = /^(?:\/[A-Za-z0-9](?:[A-Za-z0-9._~-]*[A-Za-z0-9])?)+$/;
/** First segments that belong to the server itself. */
const reservedSegments = new Set([
  'oauth2',
  'admin',
  'docs',
  'portal',
  'health',
  'metrics',
  'assets',
  'static',
  'favicon.ico',
  'robots.txt',
]);

/** @throws FirekeepError 400 `ENDPOINTS_INVALID` with one issue a field. */
export function checkEndpoint(endpoint: Required<Omit<EndpointInput, 'enabled'>>, allowOpen: boolean): void {
  const errors = new FieldErrors();
  const { path, checkMode, repository, oauthClientName, accessTokenLifetime: lifetime } = endpoint;
  if (path.length > 200 || !pathShape.test(path)) {
    errors.add(
      'path',
      'Use a path such as /fhir/r4: segments of ASCII letters, digits and . _ ~ -, no slash at the end.',
    );
  } else {
    const first = path.split('/')[1] ?? '';
    errors.when(
      reservedSegments.has(first.toLowerCase()),
      'path',
      `Paths below /${first} belong to the server itself.`,
    );
  }
  errors.when(!isRepositoryName(repository), 'repository', 'Use lower-case letters, digits and -.');
  errors.when(!checkModes.includes(checkMode), 'checkMode', `Use one of ${checkModes.join(', ')}.`);
  errors.when(
    checkMode === 'open' && !allowOpen,
    'checkMode',
    'An open endpoint asks for nothing. It is refused unless FIREKEEP_ALLOW_OPEN is true.',
  );
  errors.when(
    oauthClientName !== null && (oauthClientName === '' || oauthClientName.length > 128),
    'oauthClientName',
    'Use the application name of a client configuration, or null for the own issuer.',
  );
  errors.when(
    lifetime !== null && !(Number.isInteger(lifetime) && lifetime >= 60 && lifetime <= 3600),
    'accessTokenLifetime',
    'Use seconds from 60 to 3600, or null for the lifetime of the client.',
  );
  errors.throwIfAny('ENDPOINTS_INVALID');
}

/** Whether one of the paths lies below the other. */
export function overlaps(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
