import type { Target, Visit } from './visit.js';

const visitUri: Visit = (value, _owner, _key, run) => {
  if (typeof value === 'string' && value !== '') run.values.push({ type: 'uri', uri: value });
};

/** A canonical is found with its version and without. */
const visitCanonical: Visit = (value, owner, key, run) => {
  visitUri(value, owner, key, run);
  const bar = typeof value === 'string' ? value.indexOf('|') : -1;
  if (typeof value === 'string' && bar > 0) run.values.push({ type: 'uri', uri: value.slice(0, bar) });
};

/** Index values of uri parameters. Source: FHIR R4 search.html#uri. */
export function uriConverter(target: Target): Visit | undefined {
  switch (target.type.code) {
    case 'canonical':
      return visitCanonical;
    case 'uri':
    case 'url':
    case 'oid':
    case 'uuid':
    case 'string':
      return visitUri;
    default:
      return undefined;
  }
}
