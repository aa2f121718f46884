import type { Definitions } from '../../definitions/index.js';
import type { TermValue } from '../index-values.js';
import { narrativeWords } from './narrative-words.js';
import type { TextIndex } from './text-index.js';
import { visitTerms } from './words.js';

/** Different terms of a resource, and characters of its text, that are indexed; what comes behind is left out. */
const MAX_TERMS = 1000;
const MAX_CHARACTERS = 256 * 1024;
const MAX_DEPTH = 64;

/** Of these the narrative alone: what else they have of texts are names of codes, the same in all of them. */
const events = 'AuditEvent';

type Fields = Readonly<Record<string, unknown>>;

const textTypes: ReadonlySet<string> = new Set(['string', 'markdown']);
/** Strings that are no text: identifiers, addresses of resources, series of numbers. */
const otherStrings: Readonly<Record<string, string>> = {
  Reference: 'reference',
  Identifier: 'value',
  SampledData: 'data',
};

/**
 * The terms that `_text` and `_content` find a resource by: of its narrative, and of every other text that is
 * meant to be read (strings and markdown, those of contained resources too), not of codes, identifiers, addresses and numbers.
 * The narrative comes first. Nothing that a resource holds makes it throw.
 *
 * Source: FHIR R4 search.html#content.
 */
export function resourceTerms(
  type: string,
  resource: unknown,
  index: TextIndex,
  definitions: Definitions,
): readonly TermValue[] {
  if (index === 'none' || !isFields(resource)) return [];
  const collector = new TermCollector(definitions);
  if (isFields(resource.text)) collector.addNarrative(resource.text.div);
  if (index === 'all' && type !== events) collector.walk(resource, type, 0);
  return [...collector.terms.values()];
}

class TermCollector {
  readonly terms = new Map<string, TermValue>();
  private characters = MAX_CHARACTERS;

  constructor(private readonly definitions: Definitions) {}

  addNarrative(xhtml: unknown): void {
    if (typeof xhtml === 'string') this.add(narrativeWords(xhtml.slice(0, 2 * MAX_CHARACTERS)), true);
  }

  walk(value: unknown, type: string, depth: number): void {
    if (this.isFull || depth > MAX_DEPTH || value === null || value === undefined) return;
    if (Array.isArray(value)) for (const item of value) this.walk(item, type, depth + 1);
    else if (typeof value === 'string') {
      if (textTypes.has(type)) this.add(value, false);
    } else if (isFields(value)) this.walkFields(value, type, depth);
  }

  private walkFields(fields: Fields, type: string, depth: number): void {
    const own = typeof fields.resourceType === 'string' ? fields.resourceType : type;
    const properties = this.definitions.type(own)?.properties;
    if (properties === undefined) return;
    const other = otherStrings[own];
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      const code = properties.get(name)?.type.code;
      if (code === undefined || name === 'id' || name === other) continue;
      if (code === 'Narrative') {
        // That of the resource itself is there already.
        if (depth > 0 && isFields(value)) this.addNarrative(value.div);
      } else this.walk(value, code, depth + 1);
    }
  }

  private get isFull(): boolean {
    return this.terms.size >= MAX_TERMS || this.characters <= 0;
  }

  private add(text: string, narrative: boolean): void {
    const read = text.slice(0, Math.max(0, this.characters));
    this.characters -= read.length;
    visitTerms(read, (term) => {
      if (this.terms.size >= MAX_TERMS || this.terms.has(term)) return;
      this.terms.set(term, { type: 'term', term, narrative });
    });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
