import { StepBudget } from '../budgets/index.js';
import { difference, intersection, sizeOf, union, type CodeSet } from './code-set.js';
import type { CodeSystem } from './code-system.js';
import { filterConcepts } from './concept-filters.js';
import { notExpandable, tooLarge, unknownValueSet } from './terminology-errors.js';
import type { StoredExpansion, ValueSetDefinition, ValueSetPart } from './value-set-definition.js';

/** Where value sets and code systems are looked up. */
export interface TerminologySource {
  /** By `url`, `url|version` or a literal reference; undefined: not known, or not to be seen. */
  valueSet(reference: string): Promise<ValueSetDefinition | undefined>;
  /** @param version null: any */
  codeSystem(url: string, version: string | null): Promise<CodeSystem | undefined>;
  /** What the regular expressions of one expansion may take. */
  readonly patternSteps: number;
}

/** Codes of a value set, at most. */
export const EXPANSION_CODES = 100_000;
const DEPTH = 16;
const VALUE_SETS = 200;

/**
 * The codes of a value set, from what is known here. Source: FHIR R4 valueset.html#compositions.
 *
 * @throws FirekeepError 422 `FHIR_VALUE_SET_UNKNOWN`, `FHIR_VALUE_SET_NOT_EXPANDABLE`, `FHIR_TERMINOLOGY_TOO_LARGE`
 */
export async function expandValueSet(reference: string, source: TerminologySource): Promise<CodeSet> {
  const expanded = await new Expansion(source).valueSet(reference, []);
  if (sizeOf(expanded) > EXPANSION_CODES) throw tooLarge(`The value set "${reference}"`, EXPANSION_CODES);
  return expanded;
}

class Expansion {
  private readonly done = new Map<string, CodeSet>();
  private readonly steps: StepBudget;

  constructor(private readonly source: TerminologySource) {
    this.steps = new StepBudget(source.patternSteps);
  }

  /** @param path the value sets that lead here */
  async valueSet(reference: string, path: readonly string[]): Promise<CodeSet> {
    const known = this.done.get(reference);
    if (known !== undefined) return known;
    const [first = reference] = path;
    if (path.includes(reference)) throw notExpandable(first, `"${reference}" is made of itself.`);
    if (path.length >= DEPTH || this.done.size >= VALUE_SETS) {
      throw notExpandable(
        first,
        `it is made of more than ${VALUE_SETS} value sets, or deeper than ${DEPTH}.`,
      );
    }
    const implicit = implicitPart(reference);
    const definition =
      implicit === undefined ? await this.source.valueSet(reference) : ofOnePart(reference, implicit);
    if (definition === undefined) throw unknownValueSet(reference);
    const set = await this.codesOf(definition, [...path, reference]);
    this.done.set(reference, set);
    return set;
  }

  private async codesOf(definition: ValueSetDefinition, path: readonly string[]): Promise<CodeSet> {
    const { name, expansion, include, exclude } = definition;
    if (expansion !== null) return storedCodes(name, expansion);
    const included: CodeSet[] = [];
    for (const part of include) included.push(await this.part(definition, part, path));
    const excluded: CodeSet[] = [];
    for (const part of exclude) excluded.push(await this.part(definition, part, path));
    const set = difference(union(included), union(excluded));
    if (set === undefined) {
      throw notExpandable(name, 'it leaves out codes of a system whose codes are not known here.');
    }
    return set;
  }

  private async part(
    definition: ValueSetDefinition,
    part: ValueSetPart,
    path: readonly string[],
  ): Promise<CodeSet> {
    let set = part.system === null ? undefined : await this.ofSystem(definition, part.system, part);
    for (const reference of part.valueSets) {
      const other = await this.valueSet(reference, path);
      set = set === undefined ? other : intersection(set, other);
    }
    return set ?? new Map();
  }

  private async ofSystem(
    { name, inactive }: ValueSetDefinition,
    url: string,
    { version, concepts, filters }: ValueSetPart,
  ): Promise<CodeSet> {
    if (concepts !== null && inactive) return new Map([[url, new Set(concepts)]]);
    const system = await this.source.codeSystem(url, version);
    if (system?.isComplete === true) {
      const codes = concepts ?? (await filterConcepts(name, system, filters, this.steps));
      return new Map([[url, new Set(inactive ? codes : codes.filter((code) => !system.isInactive(code)))]]);
    }
    const missing = `the concepts of the code system ${version === null ? url : `${url}|${version}`} are not`;
    if (filters.length > 0) {
      throw notExpandable(
        name,
        `it filters concepts, and ${missing} all known here. Store it as a CodeSystem.`,
      );
    }
    return new Map([[url, concepts === null ? null : new Set(concepts)]]);
  }
}

function storedCodes(name: string, { codes, isWhole }: StoredExpansion): CodeSet {
  if (!isWhole) throw notExpandable(name, 'the expansion stored with it is a part of it only.');
  return union(codes.map(({ system, code }) => new Map([[system, new Set([code])]])));
}

/** `system?fhir_vs`: all of a system; `system?fhir_vs=isa/code`: a concept and what is below it. */
const IMPLICIT = /^([^?|]+)\?fhir_vs(?:=isa\/(.+))?$/;

/** Source: FHIR R4 snomedct.html#implicit. */
function implicitPart(reference: string): ValueSetPart | undefined {
  const [, system, code] = IMPLICIT.exec(reference) ?? [];
  if (system === undefined) return undefined;
  const filters = code === undefined ? [] : [{ property: 'concept', op: 'is-a', value: code }];
  return { system, version: null, concepts: null, filters, valueSets: [] };
}

function ofOnePart(name: string, part: ValueSetPart): ValueSetDefinition {
  return { name, include: [part], exclude: [], inactive: true, expansion: null };
}
