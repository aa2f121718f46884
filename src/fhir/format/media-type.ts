import { FirekeepError } from '../../platform/errors/index.js';

/** Media types of answers that a client can choose between, in the order in which the server likes them. */
export const answerTypes = [
  'application/fhir+json',
  'application/json',
  'application/fhir+xml',
  'application/xml',
] as const;

export type AnswerType = (typeof answerTypes)[number];

/** The two forms of a resource. */
export type BodyFormat = 'json' | 'xml';

/** Names of `_format`, and media types from before R4. */
const shortNames: Readonly<Record<string, AnswerType>> = {
  json: 'application/fhir+json',
  'application/json+fhir': 'application/fhir+json',
  'text/json': 'application/fhir+json',
  xml: 'application/fhir+xml',
  'application/xml+fhir': 'application/fhir+xml',
  'text/xml': 'application/fhir+xml',
};

/** What the CapabilityStatement says in `format`. */
export const formatCodes: readonly string[] = [
  ...answerTypes.filter((type) => type.includes('fhir')),
  'json',
  'xml',
];

export function formatOf(type: AnswerType): BodyFormat {
  return type.endsWith('xml') ? 'xml' : 'json';
}

const supported = 'application/fhir+json or application/fhir+xml';

/** One range of an Accept header. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * The media type of the answer: `_format` goes before `Accept`.
 * Source: FHIR R4 http.html#mime-type, RFC 9110 section 12.5.1.
 *
 * @throws FirekeepError `FHIR_NOT_ACCEPTABLE`
 */
export function negotiateAnswer(accept: string | undefined, format: string | undefined): AnswerType {
  if (format !== undefined && format !== '') return answerOfFormat(format);
  if (accept === undefined || accept === '' || accept === '*/*') return 'application/fhir+json';
  const known = acceptCache.get(accept);
  const answer = known === undefined ? answerOfAccept(accept) : known;
  if (known === undefined) remember(accept, answer);
  if (answer === null) throw notAcceptable();
  return answer;
}

const acceptCache = new Map<string, AnswerType | null>();

function remember(accept: string, answer: AnswerType | null): void {
  if (accept.length > 512) return;
  if (acceptCache.size >= 256) acceptCache.clear();
  acceptCache.set(accept, answer);
}

function answerOfFormat(format: string): AnswerType {
  // A plus in a query stands for a space: `_format=application/fhir+json` arrives with one.
  const range = parseMediaRange(format.replace(/^(application\/(?:fhir|json|xml)) (json|xml|fhir)/, '$1+$2'));
  const answer = answerOfName(range.type);
  if (answer === undefined || !isR4(range)) throw notAcceptable();
  return answer;
}

function answerOfName(name: string): AnswerType | undefined {
  return (
    answerTypes.find((type) => type === name) ??
    (Object.hasOwn(shortNames, name) ? shortNames[name] : undefined)
  );
}

/** How much an answer of a type is liked, and by how exact a range. */
interface Liking {
  readonly type: AnswerType;
  readonly quality: number;
  readonly exactness: number;
  /** Where the range stands in the header. */
  readonly place: number;
}

const longestAccept = 4_000;

/** Of each type the most exact range counts; of equal ones the type that the client names first. */
function answerOfAccept(accept: string): AnswerType | null {
  const ranges = mediaRanges(accept);
  const best = answerTypes
    .map((type) => likingOf(type, ranges))
    .filter((liking) => liking !== undefined && liking.quality > 0)
    .sort(byLiking)[0];
  return best?.type ?? null;
}

/** The ranges of an Accept header, in its order. */
export function mediaRanges(accept: string): readonly MediaRange[] {
  return accept.slice(0, longestAccept).split(',').map(parseMediaRange);
}

function likingOf(type: AnswerType, ranges: readonly MediaRange[]): Liking | undefined {
  const found = ranges
    .map((range, place) => ({
      type,
      quality: range.quality,
      exactness: isR4(range) ? exactnessOf(range, type) : 0,
      place,
    }))
    .filter(({ exactness }) => exactness > 0)
    .sort((one, other) => other.exactness - one.exactness || one.place - other.place);
  return found[0];
}

function exactnessOf({ type }: MediaRange, answer: AnswerType): number {
  if (answerOfName(type) === answer) return 3;
  if (type === 'application/*') return 2;
  return type === '*/*' ? 1 : 0;
}

function byLiking(one: Liking | undefined, other: Liking | undefined): number {
  if (one === undefined || other === undefined) return 0;
  return other.quality - one.quality || other.exactness - one.exactness || one.place - other.place;
}

/** What a body may be sent as. */
const bodyFormats: Readonly<Record<string, BodyFormat>> = {
  'application/fhir+json': 'json',
  'application/json': 'json',
  'application/json+fhir': 'json',
  'text/json': 'json',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
  'application/xml+fhir': 'xml',
  'text/xml': 'xml',
};

/**
 * How a body is to be read.
 *
 * @throws FirekeepError `FHIR_UNSUPPORTED_MEDIA_TYPE` for a type that isn't read
 */
export function bodyFormatOf(contentType: string | undefined): BodyFormat {
  if (contentType === 'application/fhir+json' || contentType === 'application/json') return 'json';
  const range = parseMediaRange(contentType ?? '');
  const charset = range.parameters.get('charset') ?? 'utf-8';
  const format = Object.hasOwn(bodyFormats, range.type) ? bodyFormats[range.type] : undefined;
  if (format !== undefined && /^utf-?8$/i.test(charset) && isR4(range)) return format;
  throw new FirekeepError(
    'unsupported-media-type',
    'FHIR_UNSUPPORTED_MEDIA_TYPE',
    `Send the body as ${supported}, in UTF-8, with that Content-Type.`,
  );
}

/** The form of a body of this type; undefined: it is no form of a resource. */
export function findBodyFormat(contentType: string | undefined): BodyFormat | undefined {
  const type = mediaTypeOf(contentType);
  return Object.hasOwn(bodyFormats, type) ? bodyFormats[type] : undefined;
}

/** The media type of a Content-Type, without its parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return parseMediaRange(contentType ?? '').type;
}

function parseMediaRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';');
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = '', value = ''] = parameter.split('=');
    parameters.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1'));
  }
  const quality = Number(parameters.get('q') ?? '1');
  return { type: type.trim().toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

function isR4({ parameters }: MediaRange): boolean {
  const version = parameters.get('fhirversion');
  return version === undefined || version === '4.0' || version === '4.0.1';
}

function notAcceptable(): FirekeepError {
  return new FirekeepError(
    'not-acceptable',
    'FHIR_NOT_ACCEPTABLE',
    `Answers are ${supported}, FHIR 4.0. Ask for one of them in Accept or _format.`,
  );
}
