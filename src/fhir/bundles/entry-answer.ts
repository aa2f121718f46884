import { FirekeepError } from '../../platform/errors/index.js';
import type { BundleEntryParts } from '../format/bundle-writer.js';
import { entityTag } from '../format/entity-tag.js';
import type { AnswerBudget } from './answer-budget.js';
import { issuesOfError, operationOutcome } from '../outcome/operation-outcome.js';
import { isWrite, type EntryRequest } from '../exchange/interaction-request.js';
import { statusLine, versionUrl, type InteractionResult } from '../exchange/interaction-result.js';

/** `Prefer: return=…`, as it holds for each entry. */
export type EntryReturn = 'minimal' | 'representation' | 'OperationOutcome' | undefined;

/**
 * The entry of a response Bundle. Reads bring their resource; writes do where `Prefer` asks for it.
 * Source: FHIR R4 http.html#transaction-response.
 */
export function entryAnswer(
  base: string,
  request: EntryRequest,
  result: InteractionResult,
  wanted: EntryReturn,
  budget: AnswerBudget,
): BundleEntryParts {
  const { status, version, body } = result;
  const writes = isWrite(request);
  const isWanted = body !== undefined && !('isHead' in request) && (!writes || wanted === 'representation');
  const withBody = isWanted && budget.allows(body.length);
  // A write has been carried out, whatever its answer can hold.
  if (isWanted && !withBody && !writes) throw answerTooLarge();
  return {
    ...(version === undefined || status === 204 ? {} : { fullUrl: `${base}/${version.type}/${version.id}` }),
    ...(withBody ? { resource: body } : {}),
    response: {
      status: statusLine(status),
      ...(version !== undefined && writes && status !== 204 ? { location: versionUrl(base, version) } : {}),
      ...(version === undefined ? {} : { etag: entityTag(version.version) }),
      ...(version === undefined ? {} : { lastModified: new Date(version.lastUpdated).toISOString() }),
    },
    ...(writes && wanted === 'OperationOutcome' ? { outcome: writtenText(result) } : {}),
  };
}

export function answerTooLarge(): FirekeepError {
  return new FirekeepError(
    'too-large',
    'FHIR_ANSWER_TOO_LARGE',
    'The answer to the whole Bundle has become too large for this entry. Ask for it by itself.',
  );
}

const successText = operationOutcome([{ severity: 'information', code: 'informational', text: 'Done.' }]);

/** The OperationOutcome of a write that succeeded: what validation found, if anything. */
export function writtenText({ warnings = [] }: InteractionResult): string {
  return warnings.length === 0 ? successText : operationOutcome(warnings);
}

/** The entry of a batch response for an entry that failed. */
export function entryFailure(error: FirekeepError, place: string): BundleEntryParts {
  return {
    response: { status: statusLine(error.status) },
    outcome: operationOutcome(issuesOfError(error, { place })),
  };
}
