import { setImmediate } from 'node:timers/promises';
import type { ErrorIssue } from '../../../platform/errors/index.js';
import { BundleWriter } from '../../format/bundle-writer.js';
import { outcomeText } from '../../interactions/search-outcome.js';
import type { GrantedReader } from '../../passage/passage-stage.js';
import type { StoredResource } from '../../storage/ports.js';
import type { EverythingRequest } from './everything-parameters.js';
import type { Position, RecordPage, RecordPages } from './record-pages.js';

/** What one answer may hold; behind it there is a next page. */
const mostResources = 10_000;
const mostBytes = 50 * 2 ** 20;
const mostMilliseconds = 20_000;

/**
 * Members that are read at once, to begin with and at the most, so that they take about as many bytes as this: SQLite
 * answers on the event loop, which a part must not hold for long.
 */
const firstRead = 50;
const largestRead = 200;
const bytesAtOnce = 2 ** 20;

interface WrittenPart {
  readonly text: Buffer;
  readonly next: Position | null;
  /** Members that are to be read next. */
  readonly size: number;
}

/** Reads a part of a record and writes it, under whatever watches over what leaves. */
export type ReadPart = (work: (store: GrantedReader) => Promise<Buffer>) => Promise<Buffer>;

/** Writes a record into a Bundle, part by part, so that memory holds one part at a time. */
export class RecordWriter {
  private readonly bundle = new BundleWriter('searchset');
  private matches = 0;
  private resources = 0;
  private bytes = 0;
  private isCut = false;
  private readonly until = Date.now() + mostMilliseconds;

  constructor(
    private readonly pages: Pick<RecordPages, 'read' | 'links' | 'base'>,
    /** Undefined: the answer starts with the owner. */
    private readonly from: Position | undefined,
    private readonly request: EverythingRequest,
    /** Unknown parameters. */
    private readonly leftOut: readonly string[],
    private readonly through: ReadPart,
  ) {}

  /** @throws FirekeepError where a page can't be read or must not be sent */
  async *parts(): AsyncGenerator<Buffer> {
    const { count } = this.request;
    let from = this.from;
    let left = count ?? Infinity;
    let size = firstRead;
    let rest: Position | null;
    for (;;) {
      const asked = Math.min(size, left);
      const page = await this.part(from, asked);
      if (page.text.length > 0) yield page.text;
      rest = page.next;
      from = rest ?? undefined;
      size = page.size;
      left -= asked;
      // Members that don't stay in the record may have filled a page, and no client follows an empty one.
      if (left === 0 && this.resources === 0) left = count ?? Infinity;
      if (rest === null || left === 0 || this.isFull) break;
      await setImmediate();
    }
    const isAll = this.from === undefined && rest === null;
    this.tell(rest !== null && (count === undefined || this.resources === 0));
    yield this.bundle.finish({ ...(isAll ? { total: this.matches } : {}), links: this.pages.links(rest) });
  }

  private async part(from: Position | undefined, size: number): Promise<WrittenPart> {
    let next: Position | null = null;
    let sizeOfNext = size;
    const text = await this.through(async (store) => {
      const before = this.bytes;
      const page = await this.pages.read(store, from, size);
      this.add(page);
      ({ next } = page);
      sizeOfNext = this.sizeAfter(this.bytes - before, page.matches.length);
      return this.bundle.take();
    });
    return { text, next, size: sizeOfNext };
  }

  private get isFull(): boolean {
    return this.resources >= mostResources || this.bytes >= mostBytes || Date.now() >= this.until;
  }

  private add({ matches, included, isCut }: RecordPage): void {
    this.isCut ||= isCut;
    this.matches += matches.length;
    for (const match of matches) this.write(match, 'match');
    for (const one of included) this.write(one, 'include');
  }

  private write({ type, id, content }: StoredResource, mode: 'match' | 'include'): void {
    this.bundle.add({ fullUrl: `${this.pages.base}/${type}/${id}`, resource: content, search: { mode } });
    this.resources += 1;
    this.bytes += content.length;
  }

  private sizeAfter(bytes: number, resources: number): number {
    const left = Math.max(1, mostResources - this.resources);
    const fitting =
      resources === 0 ? largestRead : Math.floor((bytesAtOnce * resources) / Math.max(1, bytes));
    return Math.min(left, largestRead, Math.max(1, fitting));
  }

  private tell(isLong: boolean): void {
    const issues: ErrorIssue[] = [];
    if (isLong) {
      issues.push({
        severity: 'warning',
        code: 'incomplete',
        message:
          `The record goes on behind these ${this.resources} resources: follow the link "next" until there is none, ` +
          'or ask for less by _type, _since, start and end. For the records of many patients there are exports.',
      });
    }
    if (this.isCut) {
      issues.push({
        severity: 'warning',
        code: 'incomplete',
        message: 'There is more provenance of these resources than comes along: search Provenance by target.',
      });
    }
    for (const name of this.leftOut) {
      const message = `"${name.slice(0, 80)}" is not a parameter of this operation and was left out.`;
      issues.push({ severity: 'warning', code: 'not-supported', message });
    }
    if (issues.length > 0) this.bundle.add({ resource: outcomeText(issues), search: { mode: 'outcome' } });
  }
}
