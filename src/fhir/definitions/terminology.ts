import type { TerminologyFile } from './data-files.js';
import type { ElementDefinition } from './structure.js';

/** A closed value set: code system → its codes; null: the codes are not published with FHIR (UCUM, MIME). */
export type ValueSetExpansion = ReadonlyMap<string, ReadonlySet<string> | null>;

/** The questions that indexing and validation ask of the value sets and code systems of the specification. */
export interface Terminology {
  /** Expansion of the value set of a required binding, by URL without version; undefined: not known. */
  valueSet(url: string): ValueSetExpansion | undefined;
  /** The system that a `code` element implies; null: none, or the code is in no system of its value set. */
  impliedSystem(element: ElementDefinition, code: string): string | null;
  /** False only where the code system declares that its codes ignore case. */
  isCaseSensitive(system: string): boolean;
}

/** The lookups over `terminology.json`. Expansions are built on first use. */
export function terminology(file: TerminologyFile): Terminology {
  const packed = new Map(Object.entries(file.valueSets));
  const expansions = new Map<string, ValueSetExpansion>();
  const caseInsensitive = new Set(file.caseInsensitive);

  const valueSet = (url: string): ValueSetExpansion | undefined => {
    const known = expansions.get(url);
    const systems = known ? undefined : packed.get(url);
    if (!systems) return known;
    const expansion = new Map(
      Object.entries(systems).map(([system, codes]) => [system, codes && new Set(codes)]),
    );
    expansions.set(url, expansion);
    return expansion;
  };

  return {
    valueSet,
    impliedSystem(element, code) {
      if (element.binding === null) return element.system;
      for (const [system, codes] of valueSet(element.binding) ?? []) {
        if (codes === null || codes.has(code)) return system;
      }
      return null;
    },
    isCaseSensitive: (system) => !caseInsensitive.has(system),
  };
}
