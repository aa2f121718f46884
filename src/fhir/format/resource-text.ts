import { wrongShape } from './json-errors.js';
import { resourceLimits } from './json-limits.js';
import { isString, JsonReader, type NumberPlace, type Span } from './json-reader.js';

/**
 * A resource as text, taken apart so that `id` and `meta` can be set without touching anything else.
 * Source: FHIR R4 json.html, resource.html#Meta.
 */
export interface ResourceText {
  readonly type: string;
  /** The `id` in the text; undefined: none. */
  readonly id: string | undefined;
  /** Compact text of the whole resource as it came. */
  readonly text: Buffer;
  /** Members of `meta` besides `versionId` and `lastUpdated`, without braces; empty: none. */
  readonly metaRest: Buffer;
  /** Members besides `resourceType`, `id` and `meta`, without braces; empty: none. */
  readonly rest: Buffer;
  /** Members of all objects in the text. */
  readonly members: number;
  readonly unusualNumbers: readonly NumberPlace[];
}

/**
 * Takes a resource apart.
 *
 * @param body UTF-8 JSON, pretty-printed or not
 * @param place FHIRPath of the resource for errors, `Bundle.entry[3].resource`; empty: the body itself
 * @throws FirekeepError `FHIR_MALFORMED_JSON`, `FHIR_INVALID_RESOURCE`, `FHIR_DUPLICATE_KEY`, `FHIR_JSON_LIMIT`
 */
export function readResourceText(body: Buffer, place = ''): ResourceText {
  const reader = new JsonReader(body, resourceLimits);
  if (reader.peek() !== '{') {
    if (reader.peek() === '') throw wrongShape('The body is empty; a resource is expected.');
    reader.copyValue();
    reader.finish();
    throw wrongShape('The body is JSON, but not an object; a resource is expected.');
  }
  const found: { type?: Span; id?: Span } = {};
  const rest = new KeptMembers();
  const metaRest = new KeptMembers();
  reader.readObject((name, nameStart) => {
    if (name === 'resourceType') found.type = reader.copyValue();
    else if (name === 'id') found.id = reader.copyValue();
    else if (name === 'meta') readMeta(reader, metaRest, place);
    else rest.add(nameStart, reader.copyValue().end);
  });
  reader.finish();
  const text = reader.out.subarray(0, reader.length);
  return {
    type: requiredString(text, found.type, 'resourceType', place),
    id: found.id && requiredString(text, found.id, 'id', place),
    text,
    metaRest: metaRest.join(text),
    rest: rest.join(text),
    members: reader.members,
    unusualNumbers: reader.unusualNumbers,
  };
}

function readMeta(reader: JsonReader, kept: KeptMembers, place: string): void {
  if (reader.peek() !== '{') throw wrongShape('"meta" must be an object.', expression(place, 'meta'));
  reader.readObject((name, nameStart) => {
    const { end } = reader.copyValue();
    if (name !== 'versionId' && name !== 'lastUpdated') kept.add(nameStart, end);
  });
}

function requiredString(text: Buffer, span: Span | undefined, name: string, place: string): string {
  if (span === undefined) {
    throw wrongShape(`The resource has no "${name}".`, expression(place, name));
  }
  if (!isString(text, span)) throw wrongShape(`"${name}" must be a string.`, expression(place, name));
  return JSON.parse(text.toString('utf8', span.start, span.end)) as string;
}

function expression(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}

/** Places of the members that stay, neighbours run together. */
class KeptMembers {
  private readonly runs: { start: number; end: number }[] = [];

  add(start: number, end: number): void {
    const last = this.runs.at(-1);
    // Neighbours have one comma between them.
    if (last !== undefined && last.end + 1 === start) last.end = end;
    else this.runs.push({ start, end });
  }

  join(text: Buffer): Buffer {
    const [first, ...others] = this.runs.map(({ start, end }) => text.subarray(start, end));
    if (first === undefined) return Buffer.alloc(0);
    if (others.length === 0) return first;
    return Buffer.concat([first, ...others.flatMap((run) => [comma, run])]);
  }
}

const comma = Buffer.from(',');

/** What `spliceVersion` puts a version together from. */
export type ResourceParts = Pick<ResourceText, 'type' | 'metaRest' | 'rest'>;

/** The parts of a resource that this server has made itself: members and values are those of JSON. */
export function partsOf({ resourceType, meta, ...rest }: OwnResource): ResourceParts {
  return { type: resourceType, metaRest: membersOf(meta ?? {}), rest: membersOf(rest) };
}

/** A resource that this server has made, without an id. */
export interface OwnResource {
  readonly resourceType: string;
  readonly meta?: object;
  readonly [member: string]: unknown;
}

function membersOf(object: object): Buffer {
  return Buffer.from(JSON.stringify(object).slice(1, -1));
}

/** What the server sets in a version of a resource. */
export interface VersionIdentity {
  readonly id: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdated: number;
}

/**
 * The text of one version: `resourceType`, `id` and `meta` first, then every other member as it came. The
 * resource's type must be a known one and the id well-formed: both are written as they are.
 * Source: FHIR R4 http.html#create, "the server SHALL populate the id, meta.versionId and meta.lastUpdated".
 */
export function spliceVersion(resource: ResourceParts, identity: VersionIdentity): Buffer {
  const head =
    `{"resourceType":"${resource.type}","id":"${identity.id}","meta":{"versionId":"${identity.version}",` +
    `"lastUpdated":"${new Date(identity.lastUpdated).toISOString()}"`;
  const { metaRest, rest } = resource;
  const size = head.length + metaRest.length + rest.length + 4;
  const text = Buffer.allocUnsafe(size);
  let at = text.write(head, 0, 'latin1');
  if (metaRest.length > 0) {
    at = text.writeUInt8(0x2c, at);
    at += metaRest.copy(text, at);
  }
  at = text.writeUInt8(0x7d, at);
  if (rest.length > 0) {
    at = text.writeUInt8(0x2c, at);
    at += rest.copy(text, at);
  }
  return text.subarray(0, text.writeUInt8(0x7d, at));
}
