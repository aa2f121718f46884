import { bodyLimits } from '../json-limits.js';
import { isString, JsonReader, type Span } from '../json-reader.js';
import { KeptText } from './kept-text.js';
import { readSubsettedMeta, subsettedMeta } from './subsetted-tag.js';
import { summaryPlan, type MemberRule, type SubsetPlan } from './subset-plan.js';
import type { SubsetRequest } from './subset-request.js';

/**
 * A part of a stored resource, tagged as SUBSETTED. The text is cut, not written anew: numbers, escapes and the
 * order of members stay as they are. Resources inside a summary (of a Bundle or Parameters) are cut down to
 * their own.
 *
 * Source: FHIR R4 search.html#summary and search.html#elements.
 *
 * @param text JSON of one resource
 * @param type of the resource; where it is unknown, the text stays whole
 */
export function subset(text: Buffer, type: string, request: SubsetRequest): Buffer {
  const plan = request.plan(type);
  if (plan === undefined) return text;
  const reader = new JsonReader(text, bodyLimits);
  if (reader.peek() !== '{') return text;
  const cutter = new Cutter(reader, request);
  cutter.resource(plan);
  reader.finish();
  return cutter.kept.join();
}

/**
 * The Bundle of an answer with its resources cut down one by one; everything around them stays.
 * OperationOutcomes about the search stay whole, and so do included resources under `_elements`, which is about
 * matches only.
 */
export function subsetEntries(bundle: Buffer, request: SubsetRequest): Buffer {
  const reader = new JsonReader(bundle, bodyLimits);
  if (reader.peek() !== '{') return bundle;
  const kept = new KeptText(reader.out);
  let from = 0;
  reader.readObject((name) => {
    if (name !== 'entry' || reader.peek() !== '[') reader.copyValue();
    else {
      reader.readArray(() => {
        const resource = readEntry(reader);
        if (resource === undefined || isWhole(resource.mode, request)) return;
        const { start, end } = resource.span;
        kept.keep(from, start);
        kept.insert(nested(reader.out.subarray(start, end), request));
        from = end;
      });
    }
  });
  reader.finish();
  kept.keep(from, reader.length);
  return kept.join();
}

function isWhole(mode: string | undefined, { choice }: SubsetRequest): boolean {
  return mode === 'outcome' || (mode === 'include' && choice.kind === 'elements');
}

function readEntry(reader: JsonReader): { span: Span; mode: string | undefined } | undefined {
  let span: Span | undefined;
  let mode: string | undefined;
  if (reader.peek() !== '{') {
    reader.copyValue();
    return undefined;
  }
  reader.readObject((name) => {
    if (name === 'resource') span = reader.copyValue();
    else if (name === 'search' && reader.peek() === '{') mode = readMode(reader);
    else reader.copyValue();
  });
  return span && { span, mode };
}

function readMode(reader: JsonReader): string | undefined {
  let mode: string | undefined;
  reader.readObject((name) => {
    const span = reader.copyValue();
    if (name === 'mode' && isString(reader.out, span)) mode = reader.decode(span);
  });
  return mode;
}

function nested(text: Buffer, request: SubsetRequest): Buffer {
  const type = typeOf(text);
  return type === undefined ? text : subset(text, type, request);
}

function typeOf(text: Buffer): string | undefined {
  const atOnce = /^\{"resourceType":"([A-Za-z]{1,64})"/.exec(text.toString('latin1', 0, 100))?.[1];
  if (atOnce !== undefined || text[0] !== 0x7b) return atOnce;
  const reader = new JsonReader(text, bodyLimits);
  let type: string | undefined;
  reader.readObject((name) => {
    const span = reader.copyValue();
    if (name === 'resourceType' && isString(reader.out, span)) type = reader.decode(span);
  });
  return type;
}

const comma = Buffer.from(',');

/** Reads a resource and keeps what its plan says. */
class Cutter {
  readonly kept: KeptText;

  constructor(
    private readonly reader: JsonReader,
    private readonly request: SubsetRequest,
  ) {
    this.kept = new KeptText(reader.out);
  }

  resource(plan: SubsetPlan): void {
    const { reader, kept } = this;
    const seen = { meta: false };
    let members = 0;
    this.open();
    const { end } = reader.readObject((name, nameStart) => {
      const rule = plan(name);
      if (name === 'meta' && reader.peek() === '{') {
        seen.meta = true;
        this.separate(nameStart, members++);
        readSubsettedMeta(reader, kept);
      } else if (this.member(rule, nameStart, members)) members++;
    });
    if (!seen.meta) {
      if (members > 0) kept.insert(comma);
      kept.insert(subsettedMeta);
    }
    kept.keep(end - 1, end);
  }

  /** @returns whether the member stays */
  private member(rule: MemberRule | undefined, nameStart: number, index: number): boolean {
    const { reader, kept } = this;
    if (rule === undefined) {
      reader.copyValue();
      return false;
    }
    const before = kept.mark;
    this.separate(nameStart, index);
    if (this.value(rule)) return true;
    kept.goBack(before);
    if (!rule.mandatory) return false;
    // The reader is behind the value by now, so this keeps the whole of it.
    this.separate(nameStart, index);
    return true;
  }

  /** @returns whether anything stays of it */
  private value(rule: MemberRule): boolean {
    const { reader, kept } = this;
    const first = reader.peek();
    if (rule.inside === undefined || (first !== '{' && first !== '[')) {
      const { start, end } = reader.copyValue();
      kept.keep(start, end);
      return true;
    }
    if (first === '[') return this.array(rule);
    if (rule.inside === 'Resource') {
      const { start, end } = reader.copyValue();
      kept.insert(nested(reader.out.subarray(start, end), this.request));
      return true;
    }
    return this.object(summaryPlan(rule.inside));
  }

  private array(rule: MemberRule): boolean {
    const { reader, kept } = this;
    let elements = 0;
    this.open();
    const { end } = reader.readArray(() => {
      const before = kept.mark;
      this.separate(reader.length, elements);
      if (this.value(rule)) elements++;
      else kept.goBack(before);
    });
    kept.keep(end - 1, end);
    return elements > 0;
  }

  private object(plan: SubsetPlan): boolean {
    const { reader, kept } = this;
    let members = 0;
    this.open();
    const { end } = reader.readObject((name, nameStart) => {
      if (this.member(plan(name), nameStart, members)) members++;
    });
    kept.keep(end - 1, end);
    return members > 0;
  }

  /** Keeps the bracket that opens what comes next. */
  private open(): void {
    this.kept.keep(this.reader.length, this.reader.length + 1);
  }

  /** Keeps what stands from the comma before an item, unless it is the first that stays, to where the reader is. */
  private separate(start: number, index: number): void {
    this.kept.keep(index === 0 ? start : start - 1, this.reader.length);
  }
}
