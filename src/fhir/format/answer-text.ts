import { formatOf, type AnswerType } from './media-type.js';
import { indentJson } from './pretty.js';
import { jsonToXml } from './xml/json-to-xml.js';

/**
 * The text of an answer in the form that the client wants.
 *
 * @param body compact JSON of a resource
 * @throws FirekeepError 406 `FHIR_XML_NOT_REPRESENTABLE` for what was stored without validation
 */
export function answerText(
  body: Buffer,
  { type, pretty }: { readonly type: AnswerType; readonly pretty: boolean },
): Buffer | string {
  if (formatOf(type) === 'xml') return jsonToXml(body, { pretty });
  return pretty ? indentJson(body) : body;
}
