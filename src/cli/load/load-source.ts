import { FirekeepError } from '../../platform/errors/index.js';
import { linesOf, wholeText } from './load-text.js';

/** One request to be sent: a Bundle as text, and how many entries it has. */
export interface LoadUnit {
  /** Position in its file, from 0. */
  readonly index: number;
  readonly kind: 'transaction' | 'batch';
  readonly body: string;
  readonly entries: number;
}

/** NDJSON lines that go into one batch. */
const linesPerBatch = 200;
const bytesPerBatch = 4 * 2 ** 20;

/**
 * The requests that a file makes: a transaction or batch Bundle is one, NDJSON is cut into batches (PUT where a
 * line has an id, POST where not). Gzip is recognised by its first bytes. Text is passed on as it stands.
 *
 * @throws FirekeepError `LOAD_…` naming the file.
 */
export async function* loadUnits(file: string): AsyncGenerator<LoadUnit> {
  if (/\.ndjson(\.gz)?$/i.test(file)) {
    yield* ndjsonUnits(file);
    return;
  }
  const body = await wholeText(file);
  const bundle = parse(file, body) as { resourceType?: unknown; type?: unknown; entry?: unknown };
  if (bundle.resourceType !== 'Bundle' || (bundle.type !== 'transaction' && bundle.type !== 'batch')) {
    throw new FirekeepError(
      'invalid',
      'LOAD_NOT_LOADABLE',
      `${file} is no transaction or batch Bundle. Single resources are loaded from NDJSON files (*.ndjson), one a line.`,
    );
  }
  const entries = Array.isArray(bundle.entry) ? bundle.entry.length : 0;
  yield { index: 0, kind: bundle.type, body, entries };
}

async function* ndjsonUnits(file: string): AsyncGenerator<LoadUnit> {
  let entries: string[] = [];
  let bytes = 0;
  let index = 0;
  let line = 0;
  const take = (): LoadUnit => {
    const body = `{"resourceType":"Bundle","type":"batch","entry":[${entries.join(',')}]}`;
    const unit = { index, kind: 'batch' as const, body, entries: entries.length };
    entries = [];
    bytes = 0;
    index += 1;
    return unit;
  };
  for await (const text of linesOf(file)) {
    line += 1;
    if (text.trim() === '') continue;
    const entry = entryOf(`${file}, line ${line}`, text);
    entries.push(entry);
    bytes += entry.length;
    if (entries.length >= linesPerBatch || bytes >= bytesPerBatch) yield take();
  }
  if (entries.length > 0) yield take();
}

function entryOf(where: string, text: string): string {
  const { resourceType, id } = parse(where, text) as { resourceType?: unknown; id?: unknown };
  if (typeof resourceType !== 'string' || !/^[A-Z][A-Za-z]+$/.test(resourceType)) {
    throw new FirekeepError('invalid', 'LOAD_NOT_LOADABLE', `${where} has no resourceType.`);
  }
  const request =
    typeof id === 'string'
      ? `{"method":"PUT","url":${JSON.stringify(`${resourceType}/${id}`)}}`
      : `{"method":"POST","url":"${resourceType}"}`;
  return `{"resource":${text},"request":${request}}`;
}

function parse(where: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new FirekeepError('invalid', 'LOAD_NOT_JSON', `${where} is no JSON: ${(error as Error).message}`);
  }
  throw new FirekeepError('invalid', 'LOAD_NOT_JSON', `${where} is no JSON object.`);
}
