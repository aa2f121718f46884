import { FirekeepError } from '../../platform/errors/index.js';
import { bodyLimits } from '../format/json-limits.js';
import { wrongShape } from '../format/json-errors.js';
import { readTree, scalarValue, stringOf, writeTree, type JsonNode } from '../format/json-tree.js';
import { readResourceText } from '../format/resource-text.js';
import type { SearchParameterPair } from '../search/parse-search.js';

/** A parameter as it was sent. */
export interface GivenParameter {
  readonly name: string;
  /** FHIRPath of the place. */
  readonly place: string;
  readonly resource?: Buffer;
  /** The member `value[x]`. */
  /** Members `value[x]`; of more than one, none counts. */
  readonly values: readonly GivenValue[];
  /** Of a query. */
  readonly text?: string;
}

interface GivenValue {
  readonly member: string;
  readonly node: JsonNode;
}

/** Parameters of a query that are about the answer. */
const transport = new Set(['_format', '_pretty', '_summary', '_elements']);

const maximumParameters = 1_000;

/**
 * What an operation is called with: the parameters of the query, a Parameters resource, or another resource,
 * which stands for the parameter `resource`. Texts stay as they came.
 *
 * Source: FHIR R4 operations.html#request.
 */
export class OperationParameters {
  private constructor(
    private readonly parameters: readonly GivenParameter[],
    /** The Parameters resource as it came; undefined: there was none. */
    readonly body: Buffer | undefined,
    /** Of the query: what shapes the answer (`_summary`, `_elements`) and is no parameter of the operation. */
    readonly shaping: readonly SearchParameterPair[] = [],
  ) {}

  /**
   * @param body JSON of a resource; undefined: none was sent
   * @throws FirekeepError 400 for a body that is no resource, or Parameters that are none
   */
  static read(query: readonly SearchParameterPair[], body: Buffer | undefined): OperationParameters {
    const ofQuery = query
      .filter(([name]) => !transport.has(name))
      .map(([name, text]): GivenParameter => ({ name, text, place: name, values: [] }));
    const shaping = query.filter(([name]) => name === '_summary' || name === '_elements');
    if (body === undefined) return new OperationParameters(ofQuery, undefined, shaping);
    const { type, text } = readResourceText(body);
    if (type !== 'Parameters') {
      return new OperationParameters(
        [...ofQuery, { name: 'resource', place: '', resource: text, values: [] }],
        undefined,
        shaping,
      );
    }
    return new OperationParameters([...ofQuery, ...ofResource(text)], text, shaping);
  }

  /** @throws FirekeepError 400 where the parameter stands twice or is no resource */
  resource(name: string): { readonly text: Buffer; readonly place: string } | undefined {
    const found = this.single(name);
    if (found === undefined) return undefined;
    if (found.resource === undefined) throw invalidParameter(name, 'must be a resource.', found.place);
    const { resource, place } = found;
    return { text: resource, place: place === '' ? '' : `${place}.resource` };
  }

  /** A code, string, URL or another single value as text. @throws FirekeepError 400 */
  text(name: string): string | undefined {
    const found = this.single(name);
    return found && textOf(found);
  }

  /** The values of a parameter that may stand more than once, as texts. @throws FirekeepError 400 */
  texts(name: string): readonly string[] {
    return this.parameters.filter((one) => one.name === name).map(textOf);
  }

  /**
   * A value of a datatype.
   *
   * @param type `Meta` for `valueMeta`
   * @throws FirekeepError 400
   */
  value(name: string, type: string): JsonNode | undefined {
    const found = this.single(name);
    if (found === undefined) return undefined;
    const { values, place } = found;
    const [value] = values;
    if (value?.member !== `value${type}`) throw invalidParameter(name, `must be a value${type}.`, place);
    return value.node;
  }

  /** All, as they were sent. */
  get given(): readonly GivenParameter[] {
    return this.parameters;
  }

  /** All with a single value, as a query would have them; a resource is no such value. @throws FirekeepError 400 */
  pairs(): readonly SearchParameterPair[] {
    return this.parameters.map((one) => [one.name, textOf(one)]);
  }

  /** These parameters alone, and the names of the others. */
  only(names: readonly string[]): {
    readonly parameters: OperationParameters;
    readonly leftOut: readonly string[];
  } {
    const kept = this.parameters.filter(({ name }) => names.includes(name));
    const others = this.parameters.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
    const parameters = new OperationParameters(kept, this.body, this.shaping);
    return { parameters, leftOut: [...new Set(others)] };
  }

  /** @throws FirekeepError 400 for a parameter that the operation doesn't have */
  allowOnly(names: readonly string[]): void {
    for (const { name, place } of this.parameters) {
      if (names.includes(name)) continue;
      const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
      if (place === '')
        throw wrongShape(`The body of this operation is Parameters, no other resource; ${known}.`);
      throw invalidParameter(name, `is not a parameter of this operation; ${known}.`, place);
    }
  }

  private single(name: string): GivenParameter | undefined {
    const [found, other] = this.parameters.filter((one) => one.name === name);
    if (other !== undefined) throw invalidParameter(name, 'may stand only once.', other.place);
    return found;
  }
}

function textOf({ name, text, values, place }: GivenParameter): string {
  if (text !== undefined) return text;
  const [value, ...others] = values;
  if (others.length > 0) throw invalidParameter(name, 'must be a single value.', place);
  const node = value?.member === 'valueReference' ? referenceOf(value.node) : value?.node;
  if (node?.kind !== 'scalar') throw invalidParameter(name, 'must be a single value.', place);
  return String(scalarValue(node));
}

/** `Patient/17` of a Reference, as a query would have it. */
function referenceOf(node: JsonNode): JsonNode | undefined {
  return node.kind === 'object' ? node.members.get('reference') : undefined;
}

export function invalidParameter(name: string, what: string, place = name): FirekeepError {
  const message = `"${name.slice(0, 80)}" ${what}`;
  return new FirekeepError('invalid', 'FHIR_OPERATION_PARAMETER', message, {
    issues: [{ message, ...(place === '' ? {} : { expression: place.slice(0, 200) }) }],
  });
}

function ofResource(text: Buffer): readonly GivenParameter[] {
  const tree = readTree(text, bodyLimits);
  const list = tree.kind === 'object' ? tree.members.get('parameter') : undefined;
  if (list === undefined) return [];
  if (list.kind !== 'array') throw wrongShape('"parameter" must be an array.', 'Parameters.parameter');
  if (list.items.length > maximumParameters) {
    throw wrongShape(`An operation takes ${maximumParameters} parameters at most.`, 'Parameters.parameter');
  }
  return list.items.map((node, index) => parameterOf(node, `Parameters.parameter[${index}]`));
}

function parameterOf(node: JsonNode, place: string): GivenParameter {
  if (node.kind !== 'object') throw wrongShape('A parameter must be an object.', place);
  const name = stringOf(node.members.get('name'));
  if (name === undefined) throw wrongShape('A parameter has no "name".', place);
  const resource = node.members.get('resource');
  const values = [...node.members]
    .filter(([member]) => member.startsWith('value'))
    .map(([member, value]) => ({ member, node: value }));
  return {
    name,
    place,
    ...(resource === undefined ? {} : { resource: writeTree(resource) }),
    values,
  };
}
