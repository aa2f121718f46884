import { fieldsAt, listAt, textAt, type Fields } from './json.js';
import type { Token } from './tokens.js';
import type { WorldResource } from './world.js';

/** The code systems and value sets among some resources. Each URL stands once among them. */
export class Terminologies {
  constructor(private readonly resources: readonly WorldResource[]) {}

  /** Whether the token is in the value set of this URL. Source: FHIR R4 valueset.html#compositions. */
  holds(reference: string, token: Token): boolean {
    const valueSet = this.find('ValueSet', reference);
    if (valueSet === undefined) throw new Error(`no value set: ${reference}`);
    if (token.system === undefined || token.code === undefined) return false;
    const compose = fieldsAt(valueSet, 'compose');
    const isIn = (list: string): boolean => listAt(compose, list).some((part) => this.isInPart(part, token));
    return isIn('include') && !isIn('exclude');
  }

  /** Whether `upper` is `lower` or above it. Source: FHIR R4 codesystem.html#hierarchy. */
  subsumes(system: string, upper: string, lower: string): boolean {
    const parents = this.parents(system);
    const seen = new Set<string>();
    const climb = (code: string): boolean => {
      if (code === upper) return true;
      if (seen.has(code)) return false;
      seen.add(code);
      return (parents.get(code) ?? []).some(climb);
    };
    return climb(lower);
  }

  private isInPart(part: unknown, token: Token): boolean {
    const sets = listAt(part, 'valueSet').map(String);
    if (!sets.every((reference) => this.holds(reference, token))) return false;
    const system = textAt(part, 'system');
    if (system === undefined) return sets.length > 0;
    if (system !== token.system) return false;
    const concepts = listAt(part, 'concept');
    const filters = listAt(part, 'filter');
    if (concepts.length > 0) return concepts.some((concept) => isCode(token, textAt(concept, 'code')));
    const known = this.find('CodeSystem', system) === undefined ? undefined : this.parents(system);
    if (known !== undefined && !known.has(token.code ?? '')) return false;
    return filters.every((filter) => this.passes(system, filter, token.code ?? ''));
  }

  private passes(system: string, filter: unknown, code: string): boolean {
    const value = textAt(filter, 'value') ?? '';
    switch (textAt(filter, 'op')) {
      case 'is-a':
        return this.subsumes(system, value, code);
      case 'descendent-of':
        return code !== value && this.subsumes(system, value, code);
      case 'is-not-a':
        return !this.subsumes(system, value, code);
      case 'generalizes':
        return this.subsumes(system, code, value);
      default:
        throw new Error('no such filter');
    }
  }

  /** What is directly above each code of a system: what it is nested in, and what it names as its parent. */
  private parents(system: string): ReadonlyMap<string, readonly string[]> {
    const parents = new Map<string, string[]>();
    const walk = (concept: unknown, above: readonly string[]): void => {
      const code = textAt(concept, 'code') ?? '';
      const named = listAt(concept, 'property')
        .filter((property) => textAt(property, 'code') === 'parent')
        .map((property) => textAt(property, 'valueCode') ?? '');
      parents.set(code, [...above, ...named]);
      for (const child of listAt(concept, 'concept')) walk(child, [code]);
    };
    for (const concept of listAt(this.find('CodeSystem', system), 'concept')) walk(concept, []);
    return parents;
  }

  private find(type: string, reference: string): Fields | undefined {
    return this.resources.find(
      (one) => one.type === type && [textAt(one.body, 'url'), `${type}/${one.id}`].includes(reference),
    )?.body;
  }
}

function isCode({ code, ignoresCase }: Token, other: string | undefined): boolean {
  return code === other || (ignoresCase && code?.toLowerCase() === other?.toLowerCase());
}
