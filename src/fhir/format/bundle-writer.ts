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

export interface BundleLink {
  readonly relation: string;
  readonly url: string;
}

/** Puts a Bundle together from texts, without parsing any of them. */
export class BundleWriter {
  private readonly parts: Buffer[] = [];
  private pending: string;
  private entries = 0;

  constructor(
    type: string,
    options: { readonly total?: number; readonly links?: readonly BundleLink[] } = {},
  ) {
    this.pending = `{"resourceType":"Bundle","type":"${type}"`;
    if (options.total !== undefined) this.pending += `,"total":${options.total}`;
    if (options.links !== undefined && options.links.length > 0) {
      this.pending += `,"link":${JSON.stringify(options.links)}`;
    }
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

  finish(): Buffer {
    this.pending += this.entries === 0 ? '}' : ']}';
    this.flush();
    return Buffer.concat(this.parts);
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

function responseText(response: object, outcome: string | undefined): string {
  const text = JSON.stringify(response);
  return outcome === undefined ? text : `${text.slice(0, -1)},"outcome":${outcome}}`;
}
