import { FirekeepError } from '../../platform/errors/index.js';

/** Media types of answers that a client can choose between. */
export type AnswerType = 'application/fhir+json' | 'application/json';

const shortNames: Readonly<Record<string, AnswerType>> = {
  json: 'application/fhir+json',
  'application/fhir+json': 'application/fhir+json',
  'application/json+fhir': 'application/fhir+json',
  'application/json': 'application/json',
  'text/json': 'application/fhir+json',
};

const supported = 'application/fhir+json or application/json';

interface MediaRange {
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
  const range = parseMediaRange(format.replace(/^(application\/(?:fhir|json)) (json|fhir)/, '$1+$2'));
  const answer = shortNames[range.type];
  if (answer === undefined || !isR4(range)) throw notAcceptable();
  return answer;
}

function answerOfAccept(accept: string): AnswerType | null {
  const ranges = accept
    .slice(0, 4_000)
    .split(',')
    .map(parseMediaRange)
    .filter((range) => range.quality > 0 && isR4(range))
    .sort((one, other) => other.quality - one.quality);
  for (const { type } of ranges) {
    const exact = shortNames[type];
    if (exact !== undefined) return exact;
    if (type === '*/*' || type === 'application/*') return 'application/fhir+json';
  }
  return null;
}

/** What a body may be sent as. */
const bodyTypes = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
]);

/**
 * Refuses a body of a type that isn't read.
 *
 * @throws FirekeepError `FHIR_UNSUPPORTED_MEDIA_TYPE`
 */
export function requireResourceBody(contentType: string | undefined): void {
  if (contentType === 'application/fhir+json' || contentType === 'application/json') return;
  const range = parseMediaRange(contentType ?? '');
  const charset = range.parameters.get('charset') ?? 'utf-8';
  if (bodyTypes.has(range.type) && /^utf-?8$/i.test(charset) && isR4(range)) return;
  throw new FirekeepError(
    'unsupported-media-type',
    'FHIR_UNSUPPORTED_MEDIA_TYPE',
    `Send the body as ${supported}, in UTF-8, with that Content-Type.`,
  );
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
