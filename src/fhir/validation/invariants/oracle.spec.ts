import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { brokenInvariants } from '../../../../test/kit/broken-invariants.js';
import { validResources } from '../../../../test/kit/valid-resources.js';
import { StepBudget } from '../../budgets/index.js';
import { loadDefinitions, loadInvariants } from '../../definitions/index.js';
import { compileValidator } from '../index.js';
import { asObject, type JsonObject } from '../json-object.js';
import { compileExpression } from './constraint-compiler.js';
import { parseExpression } from './constraint-expression.js';
import { checkedByStructure, unchecked } from './invariant.check.js';
import { EMPTY, FALSE, TRUE, UNKNOWN } from './truth.js';

const definitions = loadDefinitions();
const invariants = loadInvariants();
const validate = compileValidator(definitions);

interface Place {
  /** Type, or path of the element, that declares invariants. */
  readonly declared: string;
  readonly types: readonly string[];
  /** FHIRPath from the resource to the element. */
  readonly path: string;
  readonly item: unknown;
}

/** Every element of a resource for which a type or element declares invariants. */
function placesOf(resource: JsonObject): Place[] {
  const places: Place[] = [];
  const visit = (item: unknown, typeName: string, path: string): void => {
    const object = asObject(item);
    const type = definitions.type(typeName);
    if (!object || !type) return;
    for (let name: string | null = typeName; name !== null; name = definitions.type(name)?.base ?? null) {
      if (invariants.has(name)) places.push({ declared: name, types: [name], path, item });
    }
    for (const [key, value] of Object.entries(object)) {
      const property = type.properties.get(key);
      // A resource inside has a %resource of its own; it is compared by itself.
      if (!property || property.type.code === 'Resource') continue;
      const { element } = property;
      const step = `${path}.${element.choice ? `${element.name}.ofType(${property.type.code})` : element.name}`;
      const items: unknown[] = Array.isArray(value) ? value : [value];
      items.forEach((each, index) => {
        const place = Array.isArray(value) ? `${step}[${index}]` : step;
        if (invariants.has(element.path) && !definitions.type(element.path)) {
          const types = element.types.map(({ code }) => code);
          places.push({ declared: element.path, types, path: place, item: each });
        }
        visit(each, property.type.code, place);
      });
    }
  };
  const name = String(resource.resourceType);
  visit(resource, name, name);
  return places;
}

/** The interpreter matches parts of texts, and knows no type name in upper case. */
const forInterpreter = (expression: string) =>
  expression
    .replace(/matches\('\^?(.*?)\$?'\)/g, (_whole, pattern: string) => `matches('^(?:${pattern})$')`)
    .replace('is Boolean', 'is boolean');

const interpreted = new Map<string, ReturnType<typeof fhirpath.compile>>();
const compiled = new Map<string, ReturnType<typeof compileExpression>>();

function interpret(resource: JsonObject, place: Place, expression: string): unknown {
  // The context of a rule is the element with its type, which a path from the resource keeps.
  const source = `${place.path}.select(${forInterpreter(expression)})`;
  const text = expression.includes('%context') ? source.replace(/%context/g, place.path) : source;
  let run = interpreted.get(text);
  if (!run) interpreted.set(text, (run = fhirpath.compile(text, r4, { traceFn: () => undefined })));
  return run(resource, { resource, ucum: 'http://unitsofmeasure.org' }) as unknown;
}

function evaluate(resource: JsonObject, place: Place, key: string, expression: string): unknown {
  const name = `${place.declared} ${key}`;
  let condition = compiled.get(name);
  if (!condition) {
    const focus = new Set(place.types);
    const steps = StepBudget.unlimited;
    const names = { definitions, focus, context: focus, resource: place.declared.split('.')[0] ?? '', steps };
    compiled.set(name, (condition = compileExpression(parseExpression(expression), names)));
  }
  return condition.test(place.item, {
    context: place.item,
    steps: StepBudget.unlimited,
    resource,
    ofResource: new Map(),
    ofContext: undefined,
  });
}

/** What an answer of the interpreter is here. */
const expected = (answer: unknown): readonly number[] => {
  const [value] = answer as unknown[];
  if (value === true) return [TRUE];
  return value === false ? [FALSE] : [EMPTY, UNKNOWN];
};

function compare(resource: JsonObject): string[] {
  const differences = inner(resource).flatMap(compare);
  for (const place of placesOf(resource)) {
    for (const { key, expression } of invariants.get(place.declared) ?? []) {
      if (checkedByStructure.has(key) || unchecked.has(key)) continue;
      const answer = interpret(resource, place, expression);
      const result = evaluate(resource, place, key, expression) as number;
      if (!expected(answer).includes(result)) {
        differences.push(
          `${key} at ${place.path}: ${result}, the interpreter says ${JSON.stringify(answer)}`,
        );
      }
    }
  }
  return differences;
}

/** Contained resources and those of a Bundle. */
function inner(resource: JsonObject): JsonObject[] {
  const contained: unknown[] = Array.isArray(resource.contained) ? resource.contained : [];
  const entries: unknown[] = Array.isArray(resource.entry) ? resource.entry : [];
  return [...contained, ...entries.map((entry) => asObject(entry)?.resource)]
    .map(asObject)
    .filter((each) => each !== undefined);
}

/** The resource without one of its members, for each member that is not required. */
function variants(resource: JsonObject, most: number): JsonObject[] {
  const found: JsonObject[] = [];
  const paths: (readonly (string | number)[])[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    const object = asObject(value);
    for (const key of Object.keys(object ?? {})) {
      paths.push([...path, key]);
      visit(object?.[key], [...path, key]);
    }
  };
  visit(resource, []);
  const stride = Math.max(1, Math.floor(paths.length / most));
  for (let index = 0; index < paths.length; index += stride) {
    const copy = structuredClone(resource);
    const path = paths[index] ?? [];
    const owner = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, copy);
    Reflect.deleteProperty(owner, path.at(-1) ?? '');
    if (validate(copy, { mode: 'structure' }).length === 0) found.push(copy);
  }
  return found;
}

const folder = join(__dirname, '../../../../../shared/data/fhir-r4-examples');
const examples = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => /^[A-Z].*\.json$/.test(file))
      .map(
        (file) => JSON.parse(readFileSync(join(folder, file), 'utf8').replace(/^\ufeff/, '')) as JsonObject,
      )
      .filter((resource) => JSON.stringify(resource).length < 40_000)
  : [];

describe('compiled invariants', () => {
  it.each(Object.entries(validResources()))('say what a FHIRPath interpreter says: %s', (_name, resource) => {
    expect(compare(resource)).toEqual([]);
    expect(variants(resource, 60).flatMap(compare)).toEqual([]);
  });

  it.each(brokenInvariants)(
    'say what a FHIRPath interpreter says where one is broken: %s',
    (_name, resource) => {
      expect(compare(resource)).toEqual([]);
    },
  );

  it('say what a FHIRPath interpreter says of the examples of the specification, where they are', () => {
    expect(examples.flatMap(compare)).toEqual([]);
  });

  it('say the same of examples that lost a member', () => {
    const changed = examples
      .filter((_resource, index) => index % 3 === 0)
      .flatMap((each) => variants(each, 6));
    expect(changed.flatMap(compare)).toEqual([]);
  });
});
