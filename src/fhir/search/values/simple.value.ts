import type { IndexedType } from '../index-values.js';
import type { SimpleTest } from '../query.js';
import type { ValueContext } from '../value-context.js';
import { parseDateTest } from './date.value.js';
import { parseNumberTest } from './number.value.js';
import { parseQuantityTest } from './quantity.value.js';
import { parseReferenceTest } from './reference.value.js';
import { parseStringTest } from './string.value.js';
import { parseTokenTest } from './token.value.js';
import { parseUriTest } from './uri.value.js';

type Parser = (context: ValueContext, text: string) => SimpleTest;

/** How one value of each search type is read. Source: FHIR R4 search.html#ptypes. */
const parsers: Readonly<Record<IndexedType, Parser>> = {
  token: ({ name }, text) => parseTokenTest(name, text),
  string: parseStringTest,
  date: ({ name, zone }, text) => parseDateTest(name, text, zone),
  number: ({ name }, text) => parseNumberTest(name, text),
  quantity: ({ name }, text) => parseQuantityTest(name, text),
  reference: parseReferenceTest,
  uri: ({ name }, text) => parseUriTest(name, text),
};

export function isIndexedType(type: string): type is IndexedType {
  return Object.hasOwn(parsers, type);
}

/** @throws FirekeepError 400 `FHIR_SEARCH_INVALID_VALUE` */
export function parseSimpleTest(type: IndexedType, context: ValueContext, text: string): SimpleTest {
  return parsers[type](context, text);
}
