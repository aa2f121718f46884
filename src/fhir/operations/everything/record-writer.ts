import type { ErrorIssue } from '../../../platform/errors/index.js';
import { BundleWriter } from '../../format/bundle-writer.js';
import { outcomeText } from '../../interactions/search-outcome.js';
import type { ResourceIdentity, StoredResource } from '../../storage/ports.js';
import type { EverythingRequest } from './everything-parameters.js';
import type { Position, RecordPage, RecordPages } from './record-pages.js';

/** What one answer may hold; behind it there is a next page. */
const mostResources = 10_000;
const mostBytes = 50 * 2 ** 20;
const mostMilliseconds = 20_000;

/** Members that are read at once, to begin with and at the most, so that they take about as many bytes as this. */
const firstRead = 500;
const largestRead = 1_000;
const bytesAtOnce = 4 * 2 ** 20;

interface SeenVersion extends ResourceIdentity {
  readonly version: number;
}

/** What happens beside the answer. */
export interface AnswerWatch {
  /** Before resources are sent. @throws FirekeepError: they must not be */
  beforeSent(shown: readonly StoredResource[]): Promise<void>;
  afterAll(matches: readonly SeenVersion[], total: number | null): Promise<void>;
}

/** Writes a record into a Bundle, part by part, so that memory holds one part at a time. */
export class RecordWriter {
  private readonly bundle = new BundleWriter('searchset');
  private readonly matches: SeenVersion[] = [];
  private resources = 0;
  private bytes = 0;
  private isCut = false;
  private readonly until = Date.now() + mostMilliseconds;

  constructor(
    private readonly pages: RecordPages,
    /** Undefined: the answer starts with the owner. */
    private readonly from: Position | undefined,
    private readonly request: EverythingRequest,
    /** Unknown parameters. */
    private readonly leftOut: readonly string[],
    private readonly watch: AnswerWatch,
  ) {}

  /** @throws FirekeepError where a page can't be read or must not be sent */
  async *parts(): AsyncGenerator<Buffer> {
    const { from } = this;
    const { count } = this.request;
    let next: Position | null | undefined = from;
    let size = count ?? firstRead;
    do {
      const page: RecordPage = await this.pages.read(next, Math.min(size, mostResources));
      const before = this.bytes;
      await this.add(page);
      ({ next } = page);
      if (count !== undefined) break;
      size = this.sizeAfter(this.bytes - before, page.matches.length);
      yield this.bundle.take();
    } while (next !== null && !this.isFull);
    const isAll = from === undefined && next === null;
    const total = isAll ? this.matches.length : null;
    this.tell(next !== null && count === undefined);
    await this.watch.afterAll(this.matches, total);
    yield this.bundle.finish({ ...(total === null ? {} : { total }), links: this.pages.links(next) });
  }

  private get isFull(): boolean {
    return this.resources >= mostResources || this.bytes >= mostBytes || Date.now() >= this.until;
  }

  private async add({ matches, included, isCut }: RecordPage): Promise<void> {
    await this.watch.beforeSent([...matches, ...included]);
    this.isCut ||= isCut;
    for (const match of matches) {
      this.write(match, 'match');
      this.matches.push({ type: match.type, id: match.id, version: match.version });
    }
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
