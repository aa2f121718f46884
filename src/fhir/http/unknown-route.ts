import { FirekeepError } from '../../platform/errors/index.js';
import { supportedInteractions } from '../capability/supported-interactions.js';
import { fhirRoot } from './outcome.renderer.js';

/** What to say where no route takes a request: 405 with Allow where others of its methods do, else 404. */
export function unknownRoute(url: string): FirekeepError {
  const path = url.slice(fhirRoot.length).split('?', 1)[0] ?? '';
  const segments = path.split('/').filter((segment) => segment !== '');
  const methods = new Set(
    supportedInteractions.filter((one) => takes(one.path, segments)).map((one) => one.method as string),
  );
  if (methods.size === 0) {
    return new FirekeepError(
      'not-found',
      'FHIR_UNKNOWN_ADDRESS',
      'Nothing is at this address. The CapabilityStatement at [base]/metadata tells what there is.',
    );
  }
  if (methods.has('GET')) methods.add('HEAD');
  return new FirekeepError(
    'method-not-allowed',
    'FHIR_METHOD_NOT_ALLOWED',
    `This address takes ${[...methods].join(', ')}.`,
    { headers: { allow: [...methods].join(', ') } },
  );
}

function takes(path: string, segments: readonly string[]): boolean {
  const parts = path.split('/').filter((part) => part !== '');
  return (
    parts.length === segments.length && parts.every((part, index) => isTaken(part, segments[index] ?? ''))
  );
}

/** Types begin with a capital; what begins with `_` or `$` is neither type nor id. */
function isTaken(part: string, segment: string): boolean {
  if (part === ':type') return /^[A-Z][A-Za-z]*$/.test(segment);
  if (part === ':member') return /^(?:\*|[A-Z][A-Za-z]*)$/.test(segment);
  return part.startsWith(':') ? /^[A-Za-z0-9]/.test(segment) : part === segment;
}
