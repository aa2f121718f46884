import { normalizeString } from '../text/normalize-string.js';
import { isFields, itemsOf } from './visit.js';
import type { Run, Target, Visit } from './visit.js';

/** The parts on which a name or an address matches, the whole as text among them. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

function push(value: unknown, run: Run): void {
  if (typeof value !== 'string' || value === '') return;
  run.values.push({ type: 'string', exact: value, normalized: normalizeString(value) });
}

const visitText: Visit = (value, _owner, _key, run) => push(value, run);

function visitParts(parts: readonly string[]): Visit {
  return (value, _owner, _key, run) => {
    if (!isFields(value)) return;
    for (const part of parts) {
      for (const item of itemsOf(value, part)) push(item, run);
    }
  };
}

/** Index values of string parameters. Source: FHIR R4 search.html#string. */
export function stringConverter(target: Target): Visit | undefined {
  const { code } = target.type;
  const parts = Object.hasOwn(PARTS, code) ? PARTS[code] : undefined;
  if (parts) return visitParts(parts);
  return ['string', 'markdown', 'code', 'uri', 'url', 'id'].includes(code) ? visitText : undefined;
}
