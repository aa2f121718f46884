import type { IncomingMessage } from 'node:http';
import { requestContext } from '../../platform/http/index.js';
import type { RefusalFacts, RefusalToken, TrailEntry } from '../refusals/refusal.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure, CheckName } from '../checks/check.js';

/**
 * What is remembered of a refusal: the checks in their order, which one failed, and who asked for what.
 *
 * @param failed the check of the table that failed
 */
export function refusalFacts(
  request: IncomingMessage,
  context: CheckContext,
  failure: CheckFailure,
  failed: CheckName,
  checks: readonly Check[],
): RefusalFacts {
  const { target, claims, basicUser, address } = context;
  const at = checks.findIndex(({ name }) => name === failed);
  const name = failure.check ?? failed;
  const trail = checks.map((check, index): TrailEntry => {
    if (index === at) return { check: name, result: 'failed' };
    if (index > at) return { check: check.name, result: 'not-reached' };
    return { check: check.name, result: check.applies?.(context) === false ? 'not-applicable' : 'passed' };
  });
  return {
    check: name,
    trail,
    expected: failure.expected,
    actual: failure.actual,
    remedy: failure.remedy,
    setting: failure.setting,
    status: failure.category,
    endpoint: target.base,
    mode: target.mode,
    method: target.method,
    path: requestContext(request).url.split(/[?#]/, 1)[0] ?? '',
    subject: claims?.subject ?? basicUser?.username ?? null,
    clientId: claims?.clientId ?? null,
    address,
    token: claims === undefined ? null : refusalToken(claims),
  };
}

/** Scopes and audiences that are remembered, and characters of each. */
const most = { scopes: 100, audiences: 10, characters: 200 };

function refusalToken({ isUserToken, scopes, audience, patient }: AccessTokenClaims): RefusalToken {
  const short = (text: string): string => text.slice(0, most.characters);
  return {
    isUserToken,
    scopes: scopes.slice(0, most.scopes).map(short),
    audience: audience.slice(0, most.audiences).map(short),
    patient: patient === null ? null : short(patient),
  };
}
