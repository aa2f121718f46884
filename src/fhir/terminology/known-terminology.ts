import type { Definitions } from '../definitions/index.js';
import { parseReference } from '../search/extraction/index.js';
import { sizeOf, type CodeSet } from './code-set.js';
import type { CodeSystem } from './code-system.js';
import { expandValueSet, type TerminologySource } from './expansion.js';
import { publishedCodeSystem, publishedExpansion, publishedValueSet } from './published-terminology.js';
import type { StoredTerminology, TerminologyType } from './stored-terminology.js';
import type { ValueSetDefinition } from './value-set-definition.js';

/** Codes that are kept of all that was looked up, at most; beyond it everything is looked up again. */
const KEPT_CODES = 400_000;
const KEPT = 1_000;

export interface KnownTerminologyOptions {
  readonly definitions: Pick<Definitions, 'isResourceType'>;
  /** Addresses of the repository. */
  readonly bases: readonly string[];
  /** What the regular expressions of one expansion may take: `FIREKEEP_PATTERN_STEPS`. */
  readonly patternSteps: number;
}

interface Kept {
  readonly finding: Promise<unknown>;
  /** 0 until it is found. */
  codes: number;
}

/**
 * What is known of value sets and code systems: those of FHIR R4, which nobody can change, and those stored. Keeps
 * what it has found.
 */
export class KnownTerminology implements TerminologySource {
  private readonly found = new Map<string, Kept>();
  readonly patternSteps: number;

  constructor(
    private readonly stored: StoredTerminology,
    private readonly options: KnownTerminologyOptions,
  ) {
    this.patternSteps = options.patternSteps;
  }

  /** @throws FirekeepError 422 where it is unknown, can't be expanded here or is too large */
  async expansion(reference: string): Promise<CodeSet> {
    const published = await publishedExpansion(...splitCanonical(reference));
    return published ?? this.kept(`expansion ${reference}`, () => expandValueSet(reference, this), sizeOf);
  }

  valueSet(reference: string): Promise<ValueSetDefinition | undefined> {
    return this.kept(
      `value set ${reference}`,
      () => this.findValueSet(reference),
      (found) => (found?.include ?? []).reduce((sum, { concepts }) => sum + (concepts?.length ?? 0), 1),
    );
  }

  codeSystem(url: string, version: string | null): Promise<CodeSystem | undefined> {
    return this.kept(
      `code system ${url}|${version ?? ''}`,
      () => this.findCodeSystem(url, version),
      (found) => found?.size ?? 1,
    );
  }

  /** Of what was derived from resources of these types nothing is kept any more. */
  forget(types: ReadonlySet<TerminologyType>): void {
    for (const key of this.found.keys()) {
      if (
        key.startsWith('code system ')
          ? types.has('CodeSystem')
          : !key.startsWith('value set ') || types.has('ValueSet')
      ) {
        this.found.delete(key);
      }
    }
  }

  private async findValueSet(reference: string): Promise<ValueSetDefinition | undefined> {
    const [url, version] = splitCanonical(reference);
    const published = publishedValueSet(url, version);
    if (published !== undefined) return published;
    const literal = parseReference(url, this.options.definitions, this.options);
    const isById = literal?.targetType === 'ValueSet' && literal.targetId !== null;
    const byId = isById ? await this.stored.valueSetById(literal.targetId) : undefined;
    return byId ?? this.stored.valueSetByUrl(url, version);
  }

  private async findCodeSystem(url: string, version: string | null): Promise<CodeSystem | undefined> {
    const published = publishedCodeSystem(url);
    const isMeant = published !== undefined && (version === null || version === published.version);
    if (isMeant && published.isComplete) return published;
    const stored = await this.stored.codeSystemByUrl(url, version);
    return stored ?? (isMeant ? published : undefined);
  }

  private async kept<T>(key: string, find: () => Promise<T>, weigh: (found: T) => number): Promise<T> {
    const known = this.found.get(key);
    if (known !== undefined) return known.finding as Promise<T>;
    const entry: Kept = { finding: find(), codes: 0 };
    this.found.set(key, entry);
    try {
      const found = (await entry.finding) as T;
      entry.codes = weigh(found);
      const codes = [...this.found.values()].reduce((sum, one) => sum + one.codes, 0);
      if (codes > KEPT_CODES || this.found.size > KEPT) this.found.clear();
      return found;
    } catch (error) {
      // What was wrong may be put right by the time it is asked for again.
      if (this.found.get(key) === entry) this.found.delete(key);
      throw error;
    }
  }
}

function splitCanonical(reference: string): readonly [url: string, version: string | null] {
  const bar = reference.indexOf('|');
  return bar < 0 ? [reference, null] : [reference.slice(0, bar), reference.slice(bar + 1)];
}
