import { isFields, itemsOf, textOf, type Fields } from '../search/extraction/visit.js';
import { tooLarge } from './terminology-errors.js';

/** Concepts of a code system that are taken in, at most. */
const CONCEPTS = 100_000;
const PROPERTIES = 'http://hl7.org/fhir/concept-properties#';

interface Concept {
  readonly code: string;
  readonly parents: Set<string>;
  readonly children: Set<string>;
  /** Values as text, by the code of the property; `display` is one. */
  readonly properties: Map<string, string[]>;
}

/** A CodeSystem as filters and subsumption see it. Source: FHIR R4 codesystem.html. */
export class CodeSystem {
  private readonly concepts = new Map<string, Concept>();
  private readonly propertyCodes = new Set<string>();

  private constructor(
    readonly url: string,
    readonly version: string | null,
    /** Whether all of its codes are known here; else some, or none. */
    readonly isComplete: boolean,
    /** Whether what is below a code is a kind of it. A hierarchy of parts or groups says nothing of that. */
    readonly hasSubsumption: boolean,
    readonly isCaseSensitive: boolean,
  ) {}

  /**
   * Takes a resource of any shape; undefined where it has no URL or is none.
   *
   * @throws FirekeepError 422 `FHIR_TERMINOLOGY_TOO_LARGE`
   */
  static from(resource: unknown): CodeSystem | undefined {
    if (!isFields(resource)) return undefined;
    const url = textOf(resource, 'url');
    if (url === null) return undefined;
    const meaning = textOf(resource, 'hierarchyMeaning') ?? 'is-a';
    const system = new CodeSystem(
      url,
      textOf(resource, 'version'),
      textOf(resource, 'content') === 'complete',
      meaning === 'is-a',
      resource.caseSensitive !== false,
    );
    system.read(resource);
    return system;
  }

  /** Every code, in no order. */
  get codes(): string[] {
    return [...this.concepts.values()].map(({ code }) => code);
  }

  get size(): number {
    return this.concepts.size;
  }

  /** The code as the system writes it; undefined: it has no such code. */
  find(code: string): string | undefined {
    return this.concept(code)?.code;
  }

  /** The code and all that it subsumes. */
  below(code: string): string[] {
    return this.closure(code, ({ children }) => children);
  }

  /** The code and all that subsume it. */
  above(code: string): string[] {
    return this.closure(code, ({ parents }) => parents);
  }

  /** Directly above. */
  parentsOf(code: string): string[] {
    return [...(this.concept(code)?.parents ?? [])];
  }

  /** Directly below. */
  childrenOf(code: string): string[] {
    return [...(this.concept(code)?.children ?? [])];
  }

  /** Whether the system declares the property, or one of its concepts has it. */
  hasProperty(property: string): boolean {
    return this.propertyCodes.has(property);
  }

  valuesOf(code: string, property: string): readonly string[] {
    return this.concept(code)?.properties.get(property) ?? [];
  }

  /** Not for use any more. Source: FHIR R4 codesystem.html#status. */
  isInactive(code: string): boolean {
    return (
      this.valuesOf(code, 'inactive').includes('true') || this.valuesOf(code, 'status').includes('retired')
    );
  }

  private concept(code: string): Concept | undefined {
    return this.concepts.get(this.isCaseSensitive ? code : code.toLowerCase());
  }

  private closure(start: string, next: (concept: Concept) => ReadonlySet<string>): string[] {
    const first = this.concept(start);
    if (first === undefined) return [];
    const found = new Set([first.code]);
    if (!this.hasSubsumption) return [...found];
    for (const code of found) {
      const concept = this.concept(code);
      for (const other of concept === undefined ? [] : next(concept)) found.add(other);
    }
    return [...found];
  }

  private read(resource: Fields): void {
    const roles = new Map<string, 'parent' | 'child'>();
    for (const property of itemsOf(resource, 'property')) {
      if (!isFields(property)) continue;
      const code = textOf(property, 'code');
      if (code === null) continue;
      this.propertyCodes.add(code);
      const uri = textOf(property, 'uri') ?? '';
      if (uri === `${PROPERTIES}parent` || code === 'parent') roles.set(code, 'parent');
      if (uri === `${PROPERTIES}child` || code === 'child') roles.set(code, 'child');
    }
    const links: (readonly [parent: string, child: string])[] = [];
    const waiting = itemsOf(resource, 'concept').map((item) => ({ item, parent: null as string | null }));
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { item, parent } = next;
      const code = isFields(item) ? textOf(item, 'code') : null;
      if (!isFields(item) || code === null) continue;
      const concept = this.add(code, item);
      if (parent !== null) links.push([parent, code]);
      for (const [property, role] of roles) {
        for (const value of concept.properties.get(property) ?? []) {
          links.push(role === 'parent' ? [value, code] : [code, value]);
        }
      }
      for (const child of itemsOf(item, 'concept')) waiting.push({ item: child, parent: code });
    }
    for (const [parent, child] of links) this.link(parent, child);
  }

  private add(code: string, item: Fields): Concept {
    const known = this.concept(code);
    const concept = known ?? { code, parents: new Set(), children: new Set(), properties: new Map() };
    if (known === undefined) {
      if (this.concepts.size >= CONCEPTS) throw tooLarge(`The code system "${this.url}"`, CONCEPTS);
      this.concepts.set(this.isCaseSensitive ? code : code.toLowerCase(), concept);
    }
    const display = textOf(item, 'display');
    if (display !== null) this.addValue(concept, 'display', display);
    for (const property of itemsOf(item, 'property')) {
      const name = isFields(property) ? textOf(property, 'code') : null;
      const value = isFields(property) ? valueText(property) : undefined;
      if (name !== null && value !== undefined) this.addValue(concept, name, value);
    }
    return concept;
  }

  private addValue({ properties }: Concept, property: string, value: string): void {
    this.propertyCodes.add(property);
    const values = properties.get(property);
    if (values === undefined) properties.set(property, [value]);
    else values.push(value);
  }

  private link(parent: string, child: string): void {
    const [above, below] = [this.concept(parent), this.concept(child)];
    if (above === undefined || below === undefined || above === below) return;
    above.children.add(below.code);
    below.parents.add(above.code);
  }
}

function valueText(property: Fields): string | undefined {
  for (const [name, value] of Object.entries(property)) {
    if (!name.startsWith('value')) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return String(value);
    if (isFields(value)) return textOf(value, 'code') ?? undefined;
  }
  return undefined;
}
