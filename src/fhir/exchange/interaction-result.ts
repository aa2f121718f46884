import type { OutcomeIssue } from '../outcome/operation-outcome.js';

/** The version of a resource that an answer is about. */
export interface VersionReference {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
}

/** What an interaction answers, before it is put into HTTP or into a Bundle entry. */
export interface InteractionResult {
  readonly status: 200 | 201 | 202 | 204 | 304;
  /** JSON text of the answer; undefined: none. */
  readonly body?: Buffer;
  /** In place of `body`: JSON text in parts, made while they are sent. */
  readonly stream?: AsyncIterable<Buffer>;
  /** Becomes ETag, Last-Modified and, where something was created, Location. */
  readonly version?: VersionReference;
  /** Where to look what became of a request that was only accepted. */
  readonly contentLocation?: string;
  /** Of an operation that writes: versions that its answer may show something of, whatever `Prefer` says of writes. */
  readonly shows?: readonly VersionReference[];
  /** What is worth saying of a write that succeeded. */
  readonly warnings?: readonly OutcomeIssue[];
}

/** Reason phrases of the statuses that Bundle.entry.response.status names. */
const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** `201 Created` */
export function statusLine(status: number): string {
  const reason = reasons[status];
  return reason === undefined ? String(status) : `${status} ${reason}`;
}

/** Where a version can be read: `<base>/Patient/17/_history/2`. */
export function versionUrl(base: string, { type, id, version }: VersionReference): string {
  return `${base}/${type}/${id}/_history/${version}`;
}
