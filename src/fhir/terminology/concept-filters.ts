import { BudgetExceeded, LinearPattern, Turns, type StepBudget } from '../budgets/index.js';
import type { CodeSystem } from './code-system.js';
import { notExpandable } from './terminology-errors.js';
import type { ConceptFilter } from './value-set-definition.js';

type Passes = (code: string) => boolean;

/**
 * The codes of a system that pass all filters. Source: FHIR R4 valueset-filter-operator.html.
 *
 * @param valueSet for messages
 * @param steps what patterns may take
 * @throws FirekeepError 422 `FHIR_VALUE_SET_NOT_EXPANDABLE`
 */
export async function filterConcepts(
  valueSet: string,
  system: CodeSystem,
  filters: readonly ConceptFilter[],
  steps: StepBudget,
): Promise<readonly string[]> {
  try {
    const turns = new Turns();
    const tests: Passes[] = [];
    for (const filter of filters) {
      tests.push(testOf(valueSet, system, filter, steps));
      if (turns.isOver) await turns.pause();
    }
    const found: string[] = [];
    for (const code of system.codes) {
      if (tests.every((passes) => passes(code))) found.push(code);
      if (turns.isOver) await turns.pause();
    }
    return found;
  } catch (thrown) {
    if (!(thrown instanceof BudgetExceeded)) throw thrown;
    throw notExpandable(
      valueSet,
      `the patterns of its filters of ${system.url} take more steps than FIREKEEP_PATTERN_STEPS allows. Name the codes, or filter by shorter patterns.`,
    );
  }
}

function testOf(valueSet: string, system: CodeSystem, filter: ConceptFilter, steps: StepBudget): Passes {
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
      const pattern =
        LinearPattern.parse(value, steps) ?? refuse('has a pattern that is not understood here.');
      return (code) => values(code).some((one) => pattern.matches(one, steps));
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
