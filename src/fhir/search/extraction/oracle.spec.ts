import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { loadDefinitions } from '../../definitions/index.js';
import { parseExpression } from './expression.js';
import { compileExpression } from './expression-compiler.js';

/**
 * Holds the compiled expressions against a FHIRPath interpreter: both must select the same elements. `|` of
 * FHIRPath drops duplicates, so the selections are compared as sets.
 */
type Json = Record<string, unknown> & { resourceType: string };

const definitions = loadDefinitions();

/**
 * The interpreter has no synchronous resolve(), its `as` refuses several items, and its `|` quantities with a
 * comparator.
 */
function forInterpreter(expression: string): string {
  return expression
    .replace(
      /\.where\(resolve\(\) is (\w+)\)/g,
      ".where(reference.matches('(^|/)$1/[A-Za-z0-9.-]+(/_history/.*)?$$') or type = '$1')",
    )
    .replace(/\((\S+) as (\w+)\)/g, '$1.ofType($2)')
    .replace(/\.as\((\w+)\)/g, '.ofType($1)');
}

const interpreters = new Map<string, (resource: Json) => unknown[]>();

function interpreted(expression: string, resource: Json): unknown[] {
  let evaluate = interpreters.get(expression);
  if (!evaluate) {
    const branches = forInterpreter(expression)
      .split(' | ')
      .map((branch) => fhirpath.compile(branch, r4));
    evaluate = (data) => branches.flatMap((branch) => branch(data) as unknown[]);
    interpreters.set(expression, evaluate);
  }
  return evaluate(structuredClone(resource));
}

function compiled(expression: string, resource: Json): unknown[] {
  const found: unknown[] = [];
  const type = resource.resourceType;
  for (const fork of compileExpression(parseExpression(expression), definitions, type, type)) {
    const visit = fork.bind((value) => found.push(value));
    const run = {
      context: { bases: [] },
      resource,
      values: [],
      units: new Set<string>(),
      quantities: new Map(),
    };
    visit(resource, {}, '', run);
  }
  return found;
}

const asSet = (values: unknown[]) => [...new Set(values.map((value) => JSON.stringify(value)))].sort();

function compare(resource: Json): { compared: number; differences: unknown[] } {
  const differences: unknown[] = [];
  const parameters = definitions
    .searchParameters(resource.resourceType)
    .filter(({ expression }) => expression !== null);
  for (const { code, expression } of parameters) {
    const ours = asSet(compiled(expression ?? '', resource));
    const theirs = asSet(interpreted(expression ?? '', resource));
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      differences.push({ resource: `${resource.resourceType}/${String(resource.id)}`, code, ours, theirs });
    }
  }
  return { compared: parameters.length, differences };
}

const own: Json[] = [
  {
    resourceType: 'Patient',
    id: 'p',
    meta: { profile: ['http://example.org/p|1'], tag: [{ code: 't' }], source: 'http://example.org/s' },
    identifier: [{ system: 's', value: '1' }, { value: '2' }],
    name: [{ family: 'A', given: ['B', 'C'] }, { text: 'D' }],
    telecom: [
      { system: 'email', value: 'a@example.org' },
      { system: 'phone', value: '1' },
    ],
    deceasedDateTime: '2020',
    link: [{ other: { reference: 'RelatedPerson/1' }, type: 'seealso' }],
    generalPractitioner: [{ reference: 'Practitioner/1' }, { reference: 'Organization/1' }],
  },
  { resourceType: 'Patient', id: 'alive' },
  { resourceType: 'Patient', id: 'not-dead', deceasedBoolean: false },
  { resourceType: 'Patient', id: 'dead', deceasedBoolean: true },
  {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: { coding: [{ code: 'a' }, { code: 'b' }] },
    subject: { reference: 'Group/1' },
    focus: [{ reference: 'Patient/1' }],
    effectivePeriod: { start: '2020' },
    valueCodeableConcept: { text: 'x' },
    component: [
      { code: { text: 'c' }, valueQuantity: { value: 1 } },
      { code: { text: 'd' }, valueString: 's' },
    ],
  },
  {
    resourceType: 'Bundle',
    id: 'b',
    type: 'document',
    entry: [
      { resource: { resourceType: 'Composition', id: 'c' } },
      { resource: { resourceType: 'Patient' } },
    ],
  },
  {
    resourceType: 'ActivityDefinition',
    id: 'a',
    status: 'draft',
    relatedArtifact: [
      { type: 'composed-of', resource: 'http://example.org/1|2' },
      { type: 'depends-on', resource: 'http://example.org/3' },
    ],
    useContext: [{ code: { code: 'focus' }, valueCodeableConcept: { text: 'x' } }],
  },
  {
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/1' },
    onsetAge: { value: 4, code: 'a' },
    abatementString: 'later',
    evidence: [{ code: [{ text: 'e' }], detail: [{ reference: 'Observation/1' }] }],
  },
  {
    resourceType: 'ConceptMap',
    id: 'm',
    status: 'draft',
    sourceUri: 'http://example.org/source',
    targetCanonical: 'http://example.org/target',
    group: [{ source: 'http://a', target: 'http://b', element: [{ code: 'x', target: [{ code: 'y' }] }] }],
  },
];

const folder = join(__dirname, '../../../../../shared/data/fhir-r4-examples');
const examples = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8').replace(/^\ufeff/, '')) as Json)
      .filter((content) => definitions.isResourceType(content.resourceType))
  : [];

describe('compiled search expressions', () => {
  it.each(own.map((resource) => [`${resource.resourceType}/${String(resource.id)}`, resource] as const))(
    'select what a FHIRPath interpreter selects: %s',
    (_name, resource) => {
      const { compared, differences } = compare(resource);
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(5);
    },
  );

  it('select what a FHIRPath interpreter selects in the examples of the specification, where they are', () => {
    expect(examples.flatMap((resource) => compare(resource).differences)).toEqual([]);
  });
});
