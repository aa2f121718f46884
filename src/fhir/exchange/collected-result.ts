import { FirekeepError } from '../../platform/errors/index.js';
import type { InteractionResult } from './interaction-result.js';

/** Bytes of an answer in parts that is put together, since it has to be had as a whole. */
const mostCollected = 128 * 2 ** 20;

/** The result with a body in place of a stream. @throws FirekeepError 413 `FHIR_ANSWER_TOO_LARGE`, what the stream throws */
export async function collected(result: InteractionResult): Promise<InteractionResult> {
  const { stream, ...rest } = result;
  if (stream === undefined) return result;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    parts.push(part);
    bytes += part.length;
    if (bytes > mostCollected) throw tooLarge();
  }
  return { ...rest, body: Buffer.concat(parts, bytes) };
}

function tooLarge(): FirekeepError {
  return new FirekeepError(
    'too-large',
    'FHIR_ANSWER_TOO_LARGE',
    'The answer is too large to be had in this form. Ask for it in pages (_count), or as application/fhir+json by itself.',
  );
}
