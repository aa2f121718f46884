import type { Definitions, ElementDefinition } from '../../definitions/index.js';
import type { TokenValue } from '../index-values.js';
import { isFields, itemsOf, textOf } from './visit.js';
import type { Fields, Target, Visit } from './visit.js';

/** System of `true` and `false`. Source: FHIR R4 search.html#token. */
const SPECIAL_VALUES = 'http://hl7.org/fhir/special-values';

/** `code` elements take their system from the value set to which they are bound. */
function visitCode(definitions: Definitions, element: ElementDefinition | null): Visit {
  return (value, _owner, _key, run) => {
    if (typeof value !== 'string' || value === '') return;
    const system = element && definitions.impliedSystem(element, value);
    const caseSensitive = system === null || definitions.isCaseSensitive(system);
    run.values.push({ type: 'token', system, code: value, text: null, caseSensitive });
  };
}

function codingOf(
  value: unknown,
  conceptText: string | null,
  definitions: Definitions,
): TokenValue | undefined {
  if (!isFields(value)) return undefined;
  const system = textOf(value, 'system');
  const code = textOf(value, 'code');
  const text = textOf(value, 'display') ?? conceptText;
  if (code === null && text === null && system === null) return undefined;
  const caseSensitive = system === null || definitions.isCaseSensitive(system);
  return { type: 'token', system, code, text, caseSensitive };
}

function visitCoding(definitions: Definitions): Visit {
  return (value, _owner, _key, run) => {
    const token = codingOf(value, null, definitions);
    if (token) run.values.push(token);
  };
}

/** The text of the concept goes with a coding that has none of its own, else it stands alone. */
function visitConcept(definitions: Definitions): Visit {
  return (value, _owner, _key, run) => {
    if (!isFields(value)) return;
    const text = textOf(value, 'text');
    let textIndexed = text === null;
    for (const coding of itemsOf(value, 'coding')) {
      const token = codingOf(coding, text, definitions);
      if (!token) continue;
      textIndexed ||= token.text === text;
      run.values.push(token);
    }
    if (!textIndexed) run.values.push({ type: 'token', system: null, code: null, text, caseSensitive: true });
  };
}

type TypeCodings = NonNullable<TokenValue['ofType']>;

function typeCodings(type: Fields): TypeCodings {
  const codings: { system: string | null; code: string }[] = [];
  for (const coding of itemsOf(type, 'coding')) {
    if (!isFields(coding)) continue;
    const code = textOf(coding, 'code');
    if (code !== null) codings.push({ system: textOf(coding, 'system'), code });
  }
  return codings;
}

const visitIdentifier: Visit = (value, _owner, _key, run) => {
  if (!isFields(value)) return;
  const system = textOf(value, 'system');
  const code = textOf(value, 'value');
  const type = isFields(value.type) ? value.type : undefined;
  const text = type ? textOf(type, 'text') : null;
  if (system === null && code === null && text === null) return;
  const ofType = type ? typeCodings(type) : [];
  if (ofType.length > 0) run.values.push({ type: 'token', system, code, text, caseSensitive: true, ofType });
  else run.values.push({ type: 'token', system, code, text, caseSensitive: true });
};

/** Telephone numbers and addresses have no system and are compared ignoring case. */
const visitContactPoint: Visit = (value, _owner, _key, run) => {
  const code = isFields(value) ? textOf(value, 'value') : null;
  if (code !== null) run.values.push({ type: 'token', system: null, code, text: null, caseSensitive: false });
};

const visitBoolean: Visit = (value, _owner, _key, run) => {
  if (typeof value !== 'boolean') return;
  run.values.push({
    type: 'token',
    system: SPECIAL_VALUES,
    code: String(value),
    text: null,
    caseSensitive: false,
  });
};

const visitLiteral: Visit = (value, _owner, _key, run) => {
  if (typeof value !== 'string' || value === '') return;
  run.values.push({ type: 'token', system: null, code: value, text: null, caseSensitive: true });
};

/** Index values of token parameters. Source: FHIR R4 search.html#token. */
export function tokenConverter(target: Target, definitions: Definitions): Visit | undefined {
  switch (target.type.code) {
    case 'code':
      return visitCode(definitions, target.element);
    case 'Coding':
      return visitCoding(definitions);
    case 'CodeableConcept':
      return visitConcept(definitions);
    case 'Identifier':
      return visitIdentifier;
    case 'ContactPoint':
      return visitContactPoint;
    case 'boolean':
      return visitBoolean;
    case 'id':
    case 'string':
    case 'markdown':
    case 'uri':
    case 'url':
    case 'canonical':
    case 'oid':
    case 'uuid':
      return visitLiteral;
    default:
      return undefined;
  }
}
