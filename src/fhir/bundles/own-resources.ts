import { FirekeepError } from '../../platform/errors/index.js';
import type { ParameterValues } from '../search/index-values.js';
import { matchesFilter } from '../search/match/resource-matcher.js';
import type { SearchExpression, SearchQuery } from '../search/query.js';

/** A resource that a transaction writes, as a search would see it afterwards. */
export interface OwnResource {
  readonly type: string;
  readonly id: string;
  readonly lastUpdated: number;
  /** Asked for where the type is searched only. References that other entries decide on are not resolved in it. */
  readonly values: () => readonly ParameterValues[];
}

/** Resources that the criteria of one transaction may look at, all together. */
const maximumLooks = 1_000_000;

/** Finds what criteria match among the resources that the transaction itself writes. */
export class OwnResources {
  private readonly byType = new Map<string, TypeResources>();
  private looks = 0;

  add(resource: OwnResource): void {
    let ofType = this.byType.get(resource.type);
    if (ofType === undefined) this.byType.set(resource.type, (ofType = new TypeResources()));
    ofType.add(resource);
  }

  /**
   * @throws FirekeepError `FHIR_TOO_MANY_CRITERIA` once all criteria together have taken too long,
   *   `FHIR_CRITERIA_OF_OTHERS` where a chain or `_has` decides on a resource that is not stored yet
   */
  find({ types, filter }: SearchQuery): readonly OwnResource[] {
    return types.flatMap((type) => {
      const candidates = this.byType.get(type)?.candidates(filter) ?? [];
      this.looks += candidates.length;
      if (this.looks > maximumLooks) throw tooManyCriteria();
      return candidates.filter(({ id, lastUpdated, values }) => {
        const answer = matchesFilter({ type, id, lastUpdated, values: values() }, filter);
        if (answer === undefined) throw criteriaOfOthers(type);
        return answer;
      });
    });
  }
}

/** Resources of one type; once searched, by their tokens, since identifiers are what most criteria name. */
class TypeResources {
  private readonly all: OwnResource[] = [];
  private readonly byToken = new Map<string, OwnResource[]>();
  private indexed = 0;

  add(resource: OwnResource): void {
    this.all.push(resource);
  }

  /** Every resource that can pass the filter, and some that can't. */
  candidates(filter: readonly SearchExpression[]): readonly OwnResource[] {
    const keys = filter.map(tokenKeys).find((found) => found !== undefined);
    if (keys === undefined) return this.all;
    this.index();
    return [...new Set(keys.flatMap((key) => this.byToken.get(key) ?? []))];
  }

  private index(): void {
    for (; this.indexed < this.all.length; this.indexed++) {
      const resource = this.all[this.indexed];
      if (resource === undefined) return;
      for (const { code, values } of resource.values()) {
        for (const value of values) {
          if (value.type !== 'token' || value.code === null) continue;
          const key = tokenKey(code, value.code);
          const known = this.byToken.get(key);
          if (known === undefined) this.byToken.set(key, [resource]);
          else if (known.at(-1) !== resource) known.push(resource);
        }
      }
    }
  }
}

/** Keys under one of which a resource must stand to pass; undefined: tokens don't tell. */
function tokenKeys(expression: SearchExpression): readonly string[] | undefined {
  if (expression.kind !== 'parameter' || expression.type !== 'token') return undefined;
  // The code of a modifier: what it searches follows from other values.
  if (expression.code.includes(':')) return undefined;
  const keys: string[] = [];
  for (const test of expression.anyOf) {
    if (test.type !== 'token' || test.code === undefined) return undefined;
    keys.push(tokenKey(expression.code, test.code));
  }
  return keys;
}

/** Some tokens are compared ignoring case; which, only the value tells. */
function tokenKey(parameter: string, code: string): string {
  return `${parameter}\n${code.toLowerCase()}`;
}

function criteriaOfOthers(type: string): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_CRITERIA_OF_OTHERS',
    `Criteria for ${type} follow references by a chain or _has, and the transaction itself writes a ${type} that may ` +
      'match them once it is stored. Name parameters of the resource itself, or send two transactions.',
  );
}

function tooManyCriteria(): FirekeepError {
  return new FirekeepError(
    'too-large',
    'FHIR_TOO_MANY_CRITERIA',
    'The criteria of the transaction look at too many of its own resources. Split it, or use identifiers.',
  );
}
