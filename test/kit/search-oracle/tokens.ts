import type { Element } from './elements.js';
import { fieldsAt, listAt, textAt } from './json.js';

export interface Token {
  readonly system: string | undefined;
  readonly code: string | undefined;
  /** What people read: display, text of the concept, text of the identifier's type. */
  readonly texts: readonly string[];
  readonly ignoresCase: boolean;
  /** Codings of an identifier's type. */
  readonly types: readonly { readonly system: string | undefined; readonly code: string | undefined }[];
}

/** The one code system of the specification that declares caseSensitive=false. */
const ignoringCase = new Set(['http://snomed.info/sct']);

const plain = (system: string | undefined, code: string | undefined): Token => ({
  system,
  code,
  texts: [],
  ignoresCase: system !== undefined && ignoringCase.has(system),
  types: [],
});

/** Systems that codes have by the required bindings of their elements. */
const bound: Readonly<Record<string, string>> = {
  'Patient.gender': 'http://hl7.org/fhir/administrative-gender',
  'Practitioner.gender': 'http://hl7.org/fhir/administrative-gender',
  'Observation.status': 'http://hl7.org/fhir/observation-status',
  'Encounter.status': 'http://hl7.org/fhir/encounter-status',
  'MedicationRequest.status': 'http://hl7.org/fhir/CodeSystem/medicationrequest-status',
  'MedicationRequest.intent': 'http://hl7.org/fhir/CodeSystem/medicationrequest-intent',
  'MedicationRequest.priority': 'http://hl7.org/fhir/request-priority',
  'Location.status': 'http://hl7.org/fhir/location-status',
  'List.status': 'http://hl7.org/fhir/list-status',
  'ValueSet.status': 'http://hl7.org/fhir/publication-status',
  'CodeSystem.status': 'http://hl7.org/fhir/publication-status',
  'CodeSystem.content': 'http://hl7.org/fhir/codesystem-content-mode',
  'RiskAssessment.status': 'http://hl7.org/fhir/observation-status',
  'QuestionnaireResponse.status': 'http://hl7.org/fhir/questionnaire-answers-status',
  'Patient.link.type': 'http://hl7.org/fhir/link-type',
  'Group.type': 'http://hl7.org/fhir/group-type',
  'Immunization.status': 'http://hl7.org/fhir/event-status',
};

/** The tokens of an element of a token parameter. Source: FHIR R4 search.html#token. */
export function tokensOf({ type, value, path }: Element): Token[] {
  switch (type) {
    case 'code':
      return [plain(systemOf(path, String(value)), String(value))];
    case 'boolean':
      return [{ ...plain('http://hl7.org/fhir/special-values', String(value)), ignoresCase: true }];
    case 'Coding':
      return [coding(value, [])];
    case 'CodeableConcept':
      return concept(value);
    case 'Identifier':
      return [identifier(value)];
    case 'ContactPoint': {
      const number = textAt(value, 'value');
      return number === undefined ? [] : [{ ...plain(undefined, number), ignoresCase: true }];
    }
    default:
      return typeof value === 'string' ? [plain(undefined, value)] : [];
  }
}

/** Codes of the system that stands beside them. */
const unbound = new Set(['ValueSet.compose.include.concept.code', 'CodeSystem.concept.code']);

function systemOf(path: string, code: string): string | undefined {
  if (unbound.has(path)) return undefined;
  const system = bound[path];
  if (system === undefined) throw new Error(`The system of ${path} (${code}) is not written down here.`);
  return system;
}

function coding(value: unknown, more: readonly string[]): Token {
  const display = textAt(value, 'display');
  return {
    ...plain(textAt(value, 'system'), textAt(value, 'code')),
    texts: [...(display === undefined ? [] : [display]), ...more],
  };
}

function concept(value: unknown): Token[] {
  const text = textAt(value, 'text');
  const codings = listAt(value, 'coding').map((one) => coding(one, []));
  return text === undefined ? codings : [...codings, { ...plain(undefined, undefined), texts: [text] }];
}

function identifier(value: unknown): Token {
  const type = fieldsAt(value, 'type');
  const text = textAt(type, 'text');
  return {
    ...plain(textAt(value, 'system'), textAt(value, 'value')),
    ignoresCase: false,
    texts: text === undefined ? [] : [text],
    types: listAt(type, 'coding').map((one) => ({
      system: textAt(one, 'system'),
      code: textAt(one, 'code'),
    })),
  };
}

/** Whether a token is meant by `code`, `system|code`, `|code` or `system|`, the parts unescaped. */
export function tokenPasses(token: Token, parts: readonly string[]): boolean {
  const [system, code] = parts.length === 1 ? [undefined, parts[0]] : parts;
  if (system !== undefined && system !== (token.system ?? '')) return false;
  if (code === undefined || code === '') return code === '' && system !== '';
  if (token.code === undefined) return false;
  return token.code === code || (token.ignoresCase && token.code.toLowerCase() === code.toLowerCase());
}
