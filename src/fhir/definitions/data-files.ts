import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** `structures.json`: every type by name; a backbone element by its path (`Observation.component`). */
export interface StructuresFile {
  readonly fhirVersion: string;
  readonly types: Readonly<Record<string, PackedType>>;
}

export interface PackedType {
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'backbone';
  readonly base?: string;
  readonly abstract?: 1;
  readonly regex?: string;
  /** Without the elements that the base has in the same form. */
  readonly elements: readonly PackedElement[];
}

export interface PackedElement {
  readonly name: string;
  /** `string`, `Reference(Patient|Group)`, `Quantity{SimpleQuantity}`, `Observation.component`. */
  readonly types: readonly string[];
  readonly choice?: 1;
  readonly min?: number;
  /** Absent: 1. */
  readonly max?: number | '*';
  readonly summary?: 1;
  /** Value set of a required binding. */
  readonly binding?: string;
  /** The one system behind a `code` whose binding is not required. */
  readonly system?: string;
}

/** `search.json`: search parameters, and compartment → resource type → parameter codes. */
export interface SearchFile {
  readonly parameters: readonly PackedParameter[];
  readonly compartments: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface PackedParameter {
  readonly code: string;
  /** The URL behind `http://hl7.org/fhir/SearchParameter/`. */
  readonly id: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly id: string; readonly expression: string }[];
  readonly multipleOr?: 0;
  readonly usage?: string;
}

/** `terminology.json`: value sets of required bindings as system → codes (null: not published with FHIR). */
export interface TerminologyFile {
  readonly valueSets: Readonly<Record<string, Readonly<Record<string, readonly string[] | null>>>>;
  readonly caseInsensitive: readonly string[];
}

/** `invariants.json`: constraints by the path that declares them. */
export type InvariantsFile = Readonly<
  Record<
    string,
    readonly {
      readonly key: string;
      readonly severity: 'error' | 'warning';
      readonly human: string;
      readonly expression: string;
    }[]
  >
>;

/** `vocabulary.json`: the published CodeSystems and ValueSets, as FHIR writes them, without texts and displays. */
export interface VocabularyFile {
  readonly codeSystems: readonly { readonly url: string }[];
  readonly valueSets: readonly { readonly url: string }[];
}

/** `profiles.json`: the profiles and extensions of R4 by URL, with what they ask for beyond the definition of their type. */
export type ProfilesFile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface DataFiles {
  structures: StructuresFile;
  search: SearchFile;
  terminology: TerminologyFile;
  invariants: InvariantsFile;
  vocabulary: VocabularyFile;
  profiles: ProfilesFile;
}

/** Reads one of the files that `scripts/definitions.mjs` writes; throws when the installation lacks it. */
export function readDataFile<N extends keyof DataFiles>(name: N): DataFiles[N] {
  const packed = readFileSync(new URL(`./data/${name}.json.br`, import.meta.url));
  return JSON.parse(brotliDecompressSync(packed).toString('utf8')) as DataFiles[N];
}
