import { FirekeepError } from '../../platform/errors/index.js';
import { wrongShape } from './json-errors.js';
import { bodyLimits } from './json-limits.js';
import { isString, JsonReader, type Span } from './json-reader.js';

/** Members of Bundle.entry.request. Source: FHIR R4 bundle-definitions.html#Bundle.entry.request. */
const requestMembers = ['method', 'url', 'ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const;

type RequestMember = (typeof requestMembers)[number];

/** Bundle.entry.request as it came; undefined where a member is absent. */
export type BundleRequestText = Readonly<Partial<Record<RequestMember, string>>>;

export interface BundleEntryText {
  readonly fullUrl: string | undefined;
  /** Compact text of the resource. */
  readonly resource: Buffer | undefined;
  readonly request: BundleRequestText | undefined;
}

export interface BundleText {
  readonly type: string;
  readonly entries: readonly BundleEntryText[];
}

/** Place of an entry in errors. */
export function entryPlace(index: number): string {
  return `Bundle.entry[${index}]`;
}

/**
 * Takes a Bundle apart into the texts of its resources in one pass over the bytes.
 *
 * @param maximumEntries a Bundle with more is refused
 * @throws FirekeepError `FHIR_MALFORMED_JSON`, `FHIR_INVALID_RESOURCE`, `FHIR_BUNDLE_TOO_LARGE`, `FHIR_JSON_LIMIT`
 */
export function readBundleText(body: Buffer, maximumEntries: number): BundleText {
  const reader = new JsonReader(body, bodyLimits);
  if (reader.peek() !== '{') throw wrongShape('The body is not an object; a Bundle is expected.');
  let resourceType: string | undefined;
  let type: string | undefined;
  let entries: readonly BundleEntryText[] = [];
  reader.readObject((name) => {
    if (name === 'resourceType') resourceType = readText(reader, 'Bundle.resourceType');
    else if (name === 'type') type = readText(reader, 'Bundle.type');
    else if (name === 'entry') entries = readEntries(reader, maximumEntries);
    else reader.copyValue();
  });
  reader.finish();
  if (resourceType !== 'Bundle') {
    throw wrongShape(
      'Only a Bundle can be posted to the base of an endpoint. Post a resource to [base]/[type].',
      'resourceType',
    );
  }
  if (type === undefined) throw wrongShape('The Bundle has no "type".', 'Bundle.type');
  return { type, entries };
}

function readEntries(reader: JsonReader, maximumEntries: number): readonly BundleEntryText[] {
  const entries: BundleEntryText[] = [];
  if (reader.peek() !== '[') throw wrongShape('"entry" must be an array.', 'Bundle.entry');
  reader.readArray((index) => {
    if (index >= maximumEntries) {
      throw new FirekeepError(
        'too-large',
        'FHIR_BUNDLE_TOO_LARGE',
        `A Bundle may have ${maximumEntries} entries. Send the rest in another one.`,
      );
    }
    entries.push(readEntry(reader, entryPlace(index)));
  });
  return entries;
}

function readEntry(reader: JsonReader, place: string): BundleEntryText {
  let fullUrl: string | undefined;
  let resource: Buffer | undefined;
  let request: BundleRequestText | undefined;
  requireObject(reader, place);
  reader.readObject((name) => {
    if (name === 'fullUrl') fullUrl = readText(reader, `${place}.fullUrl`);
    else if (name === 'resource') {
      requireObject(reader, `${place}.resource`);
      const { start, end } = reader.copyValue();
      resource = reader.out.subarray(start, end);
    } else if (name === 'request') request = readRequest(reader, `${place}.request`);
    else reader.copyValue();
  });
  return { fullUrl, resource, request };
}

function readRequest(reader: JsonReader, place: string): BundleRequestText {
  const request: Partial<Record<RequestMember, string>> = {};
  requireObject(reader, place);
  reader.readObject((name) => {
    const member = requestMembers.find((known) => known === name);
    if (member === undefined) reader.copyValue();
    else request[member] = readText(reader, `${place}.${member}`);
  });
  return request;
}

function requireObject(reader: JsonReader, place: string): void {
  if (reader.peek() !== '{') throw wrongShape(`${place} must be an object.`, place);
}

function readText(reader: JsonReader, place: string): string {
  const span: Span = reader.copyValue();
  if (!isString(reader.out, span)) throw wrongShape(`${place} must be a string.`, place);
  return reader.decode(span);
}
