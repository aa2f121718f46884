import { isFields, textOf, type Fields } from '../search/extraction/visit.js';
import type { StoredResource } from '../storage/ports.js';
import { CodeSystem } from './code-system.js';
import { valueSetDefinition, type ValueSetDefinition } from './value-set-definition.js';

/** What a version is chosen by. */
interface Header {
  readonly isRetired: boolean;
  readonly version: string;
}

interface Candidate {
  readonly stored: StoredResource;
  readonly header: Header;
}

/** Versions whose header is known; then all of them are forgotten. */
const HEADERS = 10_000;
/** Codes of what is kept read, at most; the least recently used goes first. */
const CODES = 400_000;

interface Read {
  readonly value: CodeSystem | ValueSetDefinition | undefined;
  readonly codes: number;
}

/**
 * ValueSets and CodeSystems as they were read out of the bodies of a repository. A version of a resource never changes,
 * so that one that was read stays read, whatever else is written: of many versions of a URL only those are parsed that
 * weren't seen yet.
 */
export class ParsedTerminology {
  private readonly headers = new Map<string, Header>();
  private readonly read = new Map<string, Read>();
  private codes = 0;

  /** The one of these that a URL means. @throws FirekeepError 422 `FHIR_TERMINOLOGY_TOO_LARGE` */
  codeSystem(candidates: readonly StoredResource[]): CodeSystem | undefined {
    const { value } = this.preferred(candidates, (resource) => {
      const system = CodeSystem.from(resource);
      return { value: system, codes: system?.size ?? 0 };
    });
    return value instanceof CodeSystem ? value : undefined;
  }

  /** The one of these that a URL means. */
  valueSet(candidates: readonly StoredResource[]): ValueSetDefinition | undefined {
    const { value } = this.preferred(candidates, (resource) => {
      const definition = valueSetDefinition(resource);
      return { value: definition, codes: codesOf(definition) };
    });
    return value instanceof CodeSystem ? undefined : value;
  }

  private preferred(candidates: readonly StoredResource[], read: (resource: Fields) => Read): Read {
    let best: Candidate | undefined;
    for (const stored of candidates) {
      const header = this.headerOf(stored);
      if (header === undefined) continue;
      const found = { stored, header };
      if (best === undefined || isPreferred(found, best)) best = found;
    }
    if (best === undefined) return nothing;
    const key = keyOf(best.stored);
    const known = this.read.get(key);
    if (known !== undefined) {
      this.read.delete(key);
      this.read.set(key, known);
      return known;
    }
    const resource = parsed(best.stored);
    return resource === undefined ? nothing : this.keep(key, read(resource));
  }

  private headerOf(stored: StoredResource): Header | undefined {
    const key = keyOf(stored);
    const known = this.headers.get(key);
    if (known !== undefined) return known;
    const resource = parsed(stored);
    if (resource === undefined) return undefined;
    const header = {
      isRetired: resource.status === 'retired',
      version: textOf(resource, 'version') ?? '',
    };
    if (this.headers.size >= HEADERS) this.headers.clear();
    this.headers.set(key, header);
    return header;
  }

  private keep(key: string, found: Read): Read {
    this.read.set(key, found);
    this.codes += found.codes + 1;
    for (const [oldest, { codes }] of this.read) {
      if (this.codes <= CODES || oldest === key) break;
      this.read.delete(oldest);
      this.codes -= codes + 1;
    }
    return found;
  }
}

const nothing: Read = { value: undefined, codes: 0 };

function keyOf({ type, rid, version }: StoredResource): string {
  return `${type} ${rid} ${version}`;
}

function parsed({ content }: StoredResource): Fields | undefined {
  const resource: unknown = JSON.parse(content.toString('utf8'));
  return isFields(resource) ? resource : undefined;
}

function isPreferred(one: Candidate, other: Candidate): boolean {
  if (one.header.isRetired !== other.header.isRetired) return other.header.isRetired;
  const byVersion = one.header.version.localeCompare(other.header.version, 'en', { numeric: true });
  return byVersion === 0 ? one.stored.lastUpdated > other.stored.lastUpdated : byVersion > 0;
}

function codesOf(definition: ValueSetDefinition | undefined): number {
  if (definition === undefined) return 0;
  const { include, exclude, expansion } = definition;
  const listed = [...include, ...exclude].reduce((sum, { concepts }) => sum + (concepts?.length ?? 0), 0);
  return listed + (expansion?.codes.length ?? 0);
}
