import { loadDefinitions } from '../definitions/index.js';
import { scalarValue, type JsonNode } from '../format/json-tree.js';
import type { OperationParameter } from './fhir-operation.js';
import { invalidParameter, type GivenParameter } from './operation-parameters.js';

/** Primitive types that are a kind of another. Source: FHIR R4 datatypes.html. */
const kindsOf: Readonly<Partial<Record<string, readonly string[]>>> = {
  string: ['code', 'id', 'markdown'],
  uri: ['url', 'canonical', 'oid', 'uuid'],
  integer: ['positiveInt', 'unsignedInt'],
};
const withKinds = (types: readonly string[]): readonly string[] =>
  types.flatMap((type) => [type, ...(kindsOf[type] ?? [])]);

/** What the value of a search parameter may be sent as, beside a string. */
const searched: Readonly<Record<NonNullable<OperationParameter['searchType']>, readonly string[]>> = {
  token: ['string', 'uri', 'boolean'],
  reference: ['string', 'uri', 'Reference'],
  date: ['string', 'date', 'dateTime', 'instant'],
  quantity: ['string'],
  string: ['string'],
  uri: ['string', 'uri'],
  number: ['string', 'integer', 'decimal'],
};

/** JSON of primitive values that is no string. Source: FHIR R4 json.html#primitive. */
const jsonOf: Readonly<Partial<Record<string, 'boolean' | 'number'>>> = {
  boolean: 'boolean',
  integer: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
  decimal: 'number',
};

/**
 * Holds the parameters of a Parameters resource to the types that the operation declares. Those of a query are texts, and
 * those that it doesn't declare are looked at elsewhere.
 *
 * @throws FirekeepError 400 `FHIR_OPERATION_PARAMETER` that names parameter and type
 */
export function requireTypes(
  given: readonly GivenParameter[],
  declared: readonly OperationParameter[],
): void {
  for (const one of given) {
    const definition = declared.find(({ name }) => name === one.name);
    if (definition !== undefined && one.text === undefined) requireType(one, definition);
  }
}

function requireType(given: GivenParameter, { type, searchType }: OperationParameter): void {
  const { name, place, resource, values } = given;
  const isOfResource = type === 'Resource' || loadDefinitions().isResourceType(type);
  const wanted = isOfResource ? 'a resource' : `a value${capital(type)}`;
  const sent = [
    ...(resource === undefined ? [] : ['a resource']),
    ...values.map(({ member }) => `a ${member}`),
  ];
  const wrong = (what: string): Error =>
    invalidParameter(name, `must be ${wanted} (${type}), and ${what.slice(0, 120)}.`, place);
  if (sent.length === 0) throw wrong('has no value');
  if (sent.length > 1) throw wrong(`is several: ${sent.join(', ')}`);
  const [value] = values;
  if (isOfResource || value === undefined) {
    if (isOfResource && value === undefined) return;
    throw wrong(`is ${sent.join()}`);
  }
  const types = searchType === undefined ? withKinds([type]) : withKinds(searched[searchType]);
  const found = types.find((one) => value.member === `value${capital(one)}`);
  if (found === undefined) throw wrong(`is a ${value.member}`);
  const json = jsonKind(value.node);
  const expected = /^[a-z]/.test(found) ? (jsonOf[found] ?? 'string') : 'object';
  if (json !== expected) throw wrong(`its ${value.member} is no JSON ${expected}`);
}

function jsonKind(node: JsonNode): string {
  if (node.kind !== 'scalar') return node.kind;
  const value = scalarValue(node);
  return value === null ? 'null' : typeof value;
}

function capital(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}
