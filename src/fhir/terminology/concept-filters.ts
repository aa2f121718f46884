import type { CodeSystem } from './code-system.js';
import { SafePattern } from './safe-pattern.js';
import { notExpandable } from './terminology-errors.js';
import type { ConceptFilter } from './value-set-definition.js';

type Passes = (code: string) => boolean;

/**
 * The codes of a system that pass all filters. Source: FHIR R4 valueset-filter-operator.html.
 *
 * @param valueSet for messages
 * @throws FirekeepError 422 `FHIR_VALUE_SET_NOT_EXPANDABLE`
 */
export function filterConcepts(
  valueSet: string,
  system: CodeSystem,
  filters: readonly ConceptFilter[],
): readonly string[] {
  const tests = filters.map((filter) => testOf(valueSet, system, filter));
  return system.codes.filter((code) => tests.every((passes) => passes(code)));
}

function testOf(valueSet: string, system: CodeSystem, filter: ConceptFilter): Passes {
  const { property, op, value } = filter;
  const refuse = (reason: string): never => {
    throw notExpandable(valueSet, `its filter "${property} ${op} ${value}" of ${system.url} ${reason}`);
  };
  if (op === 'is-a' || op === 'descendent-of' || op === 'is-not-a' || op === 'generalizes') {
    if (!system.hasSubsumption)
      refuse('asks for kinds of a concept, and the hierarchy of the system says none.');
    const start = system.find(value) ?? refuse('names a concept that the system does not have.');
    return hierarchyTest(system, op, start);
  }
  const values = valuesOf(system, property) ?? refuse('names a property that the system does not have.');
  const text = system.isCaseSensitive || !isCode(property) ? value : value.toLowerCase();
  switch (op) {
    case '=':
      return (code) => values(code).includes(text);
    case 'in':
    case 'not-in': {
      const listed = new Set(text.split(',').map((one) => one.trim()));
      return (code) => values(code).some((one) => listed.has(one)) === (op === 'in');
    }
    case 'exists':
      return (code) => values(code).length > 0 === (value === 'true');
    case 'regex': {
      const pattern = SafePattern.parse(value) ?? refuse('has a pattern that is not understood here.');
      return (code) => values(code).some((one) => pattern.matches(one));
    }
    default:
      return refuse('has an operator that is not known.');
  }
}

function hierarchyTest(system: CodeSystem, op: string, start: string): Passes {
  const codes = new Set(op === 'generalizes' ? system.above(start) : system.below(start));
  switch (op) {
    case 'descendent-of':
      return (code) => code !== start && codes.has(code);
    case 'is-not-a':
      return (code) => !codes.has(code);
    default:
      return (code) => codes.has(code);
  }
}

const isCode = (property: string): boolean => property === 'concept' || property === 'code';

/** Values of a property of each concept; undefined: there is no such property. */
function valuesOf(system: CodeSystem, property: string): ((code: string) => readonly string[]) | undefined {
  if (isCode(property)) return (code) => [system.isCaseSensitive ? code : code.toLowerCase()];
  if (property === 'parent') return (code) => system.parentsOf(code);
  if (property === 'child') return (code) => system.childrenOf(code);
  return system.hasProperty(property) ? (code) => system.valuesOf(code, property) : undefined;
}
