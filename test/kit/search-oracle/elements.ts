import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { isFields, textAt } from './json.js';
import type { PublishedParameter } from './published.js';
import type { WorldResource } from './world.js';

/** What a path selects: a value with the name of its datatype. */
export interface Element {
  readonly type: string;
  readonly value: unknown;
  /** Place in its resource, for example `Observation.component.code`. */
  readonly path: string;
}

type Compiled = (data: unknown) => unknown[];

const compiled = new Map<string, Compiled>();

function compile(expression: string, base: string | undefined): Compiled {
  const key = `${base ?? ''} ${expression}`;
  let run = compiled.get(key);
  if (run === undefined) {
    const source = base === undefined ? expression : { base, expression };
    run = fhirpath.compile(source, r4, { resolveInternalTypes: false }) as Compiled;
    compiled.set(key, run);
  }
  return run;
}

/** The interpreter's `as` refuses several items; `ofType` is the same for one. */
const forSeveral = (expression: string): string =>
  expression.replace(/\((\S+) as (\w+)\)/g, '$1.ofType($2)').replace(/\.as\((\w+)\)/g, '.ofType($1)');

interface Node {
  readonly data: unknown;
  fullPropertyName(): string | null;
}

function isNode(value: unknown): value is Node {
  return isFields(value) && 'data' in value && 'fullPropertyName' in value;
}

function run(expression: string, data: unknown, base?: string): Element[] {
  const found = compile(forSeveral(expression), base)(data);
  const types = fhirpath.types(found);
  return found.map((value, n) => {
    const type = (types[n] ?? '').replace(/^(FHIR|System)\./, '').replace(/^Boolean$/, 'boolean');
    if (!isNode(value)) return { type, value, path: '' };
    const path = (value.fullPropertyName() ?? '').replace(/\[\d+\]/g, '');
    // The interpreter has objects of its own for decimals.
    return { type, value: JSON.parse(JSON.stringify(value.data)) as unknown, path };
  });
}

const resolves = /^(.*)\.where\(resolve\(\) is (\w+)\)$/;

/** Whether a Reference says that it leads to a resource of the type. */
function leadsTo(reference: unknown, type: string): boolean {
  if (textAt(reference, 'type') === type) return true;
  const text = textAt(reference, 'reference') ?? '';
  return new RegExp(`(^|/)${type}/[A-Za-z0-9.-]+(/_history/[A-Za-z0-9.-]+)?$`).test(text);
}

function branch(expression: string, data: unknown): Element[] {
  const [, path, type] = resolves.exec(expression) ?? [];
  if (path === undefined || type === undefined) return run(expression, data);
  return run(path, data).filter(({ value }) => leadsTo(value, type));
}

function branchesFor(type: string, expression: string): string[] {
  return expression
    .split(' | ')
    .map((one) => one.trim())
    .filter((one) => [type, 'Resource', 'DomainResource'].includes(/^\(?(\w+)/.exec(one)?.[1] ?? ''));
}

const cache = new WeakMap<object, Map<string, readonly Element[]>>();

/** The elements that a search parameter selects in a resource. */
export function elementsOf(
  { type, body }: Pick<WorldResource, 'type' | 'body'>,
  { url, expression }: PublishedParameter,
): readonly Element[] {
  let known = cache.get(body);
  if (known === undefined) cache.set(body, (known = new Map()));
  let elements = known.get(url);
  if (elements === undefined) {
    elements = branchesFor(type, expression ?? '').flatMap((one) => branch(one, body));
    known.set(url, elements);
  }
  return elements;
}

/** The elements that a component of a composite selects below one of the composite's elements. */
export function componentsOf({ value, path }: Element, expression: string): Element[] {
  return expression
    .split(' | ')
    .flatMap((one) => run(one, value, isFields(value) && 'resourceType' in value ? undefined : path));
}
