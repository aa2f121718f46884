/** Parts of a Bundle entry around its resource. Source: FHIR R4 bundle.html. */
export interface BundleEntryParts {
  readonly fullUrl?: string;
  /** Stored text, taken over as it is. */
  readonly resource?: Buffer | string;
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome' };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: {
    readonly status: string;
    readonly location?: string;
    readonly etag?: string;
    readonly lastModified?: string;
  };
  /** Text of the OperationOutcome of `response.outcome`. */
  readonly outcome?: string;
}

/** Members of a Bundle that stand before its entries, or behind them where they are known no earlier. */
export interface BundleParts {
  readonly total?: number;
  readonly links?: readonly BundleLink[];
}

export interface BundleLink {
  readonly relation: string;
  readonly url: string;
}

/** Puts a Bundle together from texts, without parsing any of them. */
export class BundleWriter {
  private parts: Buffer[] = [];
  private pending: string;
  private entries = 0;

  /** @param members text of further members: `,"timestamp":"…"` */
  constructor(type: string, parts: BundleParts = {}, members = '') {
    this.pending = `{"resourceType":"Bundle","type":"${type}"${members}${membersOf(parts)}`;
  }

  add(entry: BundleEntryParts): void {
    const { fullUrl, resource, search, request } = entry;
    this.pending += this.entries++ === 0 ? ',"entry":[{' : ',{';
    let separator = '';
    const member = (name: string, text: string): void => {
      this.pending += `${separator}"${name}":${text}`;
      separator = ',';
    };
    if (fullUrl !== undefined) member('fullUrl', JSON.stringify(fullUrl));
    if (resource !== undefined) {
      member('resource', '');
      if (typeof resource === 'string') this.pending += resource;
      else this.append(resource);
    }
    if (search !== undefined) member('search', `{"mode":"${search.mode}"}`);
    if (request !== undefined) member('request', JSON.stringify(request));
    if (entry.response !== undefined) member('response', responseText(entry.response, entry.outcome));
    this.pending += '}';
  }

  /** What has been written since the last time. */
  take(): Buffer {
    this.flush();
    const taken = Buffer.concat(this.parts);
    this.parts = [];
    return taken;
  }

  /** @param parts what was not known at the start */
  finish(parts: BundleParts = {}): Buffer {
    this.pending += `${this.entries === 0 ? '' : ']'}${membersOf(parts)}}`;
    return this.take();
  }

  private append(text: Buffer): void {
    this.flush();
    this.parts.push(text);
  }

  private flush(): void {
    if (this.pending !== '') this.parts.push(Buffer.from(this.pending));
    this.pending = '';
  }
}

function membersOf({ total, links = [] }: BundleParts): string {
  return (
    (total === undefined ? '' : `,"total":${total}`) +
    (links.length === 0 ? '' : `,"link":${JSON.stringify(links)}`)
  );
}

function responseText(response: object, outcome: string | undefined): string {
  const text = JSON.stringify(response);
  return outcome === undefined ? text : `${text.slice(0, -1)},"outcome":${outcome}}`;
}
