import { signatureAlgorithmNames } from '../../platform/json-web/index.js';
import type { CheckContext, CheckFailure } from '../checks/check.js';

type Challenged = Pick<CheckContext, 'target' | 'credentials'>;

/**
 * The `WWW-Authenticate` challenges of a refusal: RFC 7617 for Basic, RFC 6750 section 3 for Bearer, with
 * `resource_metadata` of RFC 9728 section 5.1, RFC 9449 section 7.1 for DPoP where tokens stand in the header. The
 * error stands with the scheme that was used.
 */
export function challengeOf(
  { target, credentials }: Challenged,
  failure: CheckFailure,
  publicUrl: string,
): string {
  const challenges: string[] = [];
  const takesBasic = target.mode !== 'bearer' || target.kind === 'administration';
  const takesToken = target.mode !== 'basic' || target.kind === 'administration';
  const takesProof = target.mode === 'bearer' || target.kind === 'administration';
  if (takesBasic) challenges.push('Basic realm="Firekeep", charset="UTF-8"');
  const byProof = takesProof && credentials.scheme === 'dpop';
  const error = failure.error === null ? [] : errorOf(failure);
  const metadata =
    target.endpoint === null
      ? []
      : [
          `resource_metadata="${quoted(`${publicUrl}/.well-known/oauth-protected-resource${target.endpoint.path}`)}"`,
        ];
  if (takesToken) {
    challenges.push(`Bearer ${['realm="Firekeep"', ...(byProof ? [] : error), ...metadata].join(', ')}`);
  }
  if (takesProof) {
    const algorithms = `algs="${signatureAlgorithmNames.join(' ')}"`;
    challenges.push(`DPoP ${['realm="Firekeep"', ...(byProof ? error : []), algorithms].join(', ')}`);
  }
  return challenges.join(', ');
}

function errorOf(failure: CheckFailure): string[] {
  return [
    `error="${failure.error ?? ''}"`,
    `error_description="${quoted(failure.message)}"`,
    ...(failure.error === 'insufficient_scope' && failure.scope !== undefined
      ? [`scope="${quoted(failure.scope)}"`]
      : []),
  ];
}

/** Characters that RFC 6750 allows in error_description; what else a message holds is left out. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '');
}
