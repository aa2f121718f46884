import type { IncomingMessage } from 'node:http';
import { FirekeepError } from '../../platform/errors/index.js';
import { loadDefinitions } from '../definitions/index.js';
import { negotiateAnswer, type AnswerType } from '../format/media-type.js';
import { parseSubset, type SubsetRequest } from '../format/subset/subset-request.js';
import { decodeQueryString } from '../search/parse-criteria.js';
import type { SearchParameterPair } from '../search/parse-search.js';

/** How the client wants its answer; settled before anything is done, so that a refusal changes nothing. */
export interface AnswerForm {
  readonly type: AnswerType;
  readonly pretty: boolean;
  /** Undefined: resources are returned whole. */
  readonly subset: SubsetRequest | undefined;
}

/** Kept with the request under way, so that its error is answered in the form that it asks for. */
const form = Symbol('form');

interface WithForm {
  [form]?: AnswerForm;
}

/**
 * Reads `Accept`, `_format`, `_pretty`, `_summary` and `_elements`.
 * Source: FHIR R4 http.html#parameters, search.html#summary.
 *
 * @param posted text of a form that was posted, whose parameters count as those of the query
 * @param type resource type of the request, against which `_elements` is checked
 * @throws FirekeepError `FHIR_NOT_ACCEPTABLE`, `FHIR_SUBSET_…`
 */
export function readAnswerForm(request: IncomingMessage, posted?: string, type?: string): AnswerForm {
  const parameters = [...controls(queryOf(request)), ...(posted === undefined ? [] : controls(posted))];
  const value = (name: string): string | undefined => parameters.find(([known]) => known === name)?.[1];
  const negotiated: AnswerForm = {
    type: negotiateAnswer(request.headers.accept, value('_format')),
    pretty: value('_pretty') === 'true',
    subset: undefined,
  };
  // Known before the next line throws, since its error is answered in this form.
  (request as WithForm)[form] = negotiated;
  if (parameters.length === 0) return negotiated;
  const types = type !== undefined && loadDefinitions().isResourceType(type) ? [type] : [];
  const complete = { ...negotiated, subset: parseSubset(parameters, types) };
  (request as WithForm)[form] = complete;
  return complete;
}

/**
 * The form of an answer about a Binary: of the resource, which is one of two that it has. Whether a client that
 * asks for neither FHIR form takes the content is known once the Binary is.
 */
export function readBinaryForm(request: IncomingMessage): AnswerForm {
  try {
    return readAnswerForm(request, undefined, 'Binary');
  } catch (thrown) {
    const isDeferred = thrown instanceof FirekeepError && thrown.category === 'not-acceptable';
    const format = controls(queryOf(request)).some(([name]) => name === '_format');
    if (!isDeferred || format) throw thrown;
    return { type: 'application/fhir+json', pretty: false, subset: undefined };
  }
}

/** The form for an error: what was settled, or what the request asks for, JSON where that is not to be had. */
export function errorForm(request: IncomingMessage): Pick<AnswerForm, 'type' | 'pretty'> {
  const settled = (request as WithForm)[form];
  if (settled !== undefined) return settled;
  try {
    return readAnswerForm(request);
  } catch {
    return (request as WithForm)[form] ?? { type: 'application/fhir+json', pretty: false };
  }
}

/** Query of an inside URL, without its question mark. */
export function queryOf({ url = '' }: IncomingMessage): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

const names: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements']);

function controls(query: string): readonly SearchParameterPair[] {
  // A percent sign may hide the underscore of a name.
  if (!/(?:^|&)[_%]/.test(query)) return [];
  return decodeQueryString(query).filter(([name]) => names.has(name));
}
