import type { CheckFailure, GuardedTarget } from './check.js';

/**
 * The `WWW-Authenticate` challenges of a refusal: RFC 7617 for Basic, RFC 6750 section 3 for Bearer, with
 * `resource_metadata` of RFC 9728 section 5.1.
 */
export function challengeOf(target: GuardedTarget, failure: CheckFailure, publicUrl: string): string {
  const challenges: string[] = [];
  const takesBasic = target.mode !== 'bearer' || target.kind === 'administration';
  const takesToken = target.mode !== 'basic' || target.kind === 'administration';
  if (takesBasic) challenges.push('Basic realm="Firekeep", charset="UTF-8"');
  if (takesToken) {
    const parameters = ['realm="Firekeep"'];
    if (failure.error !== null) {
      parameters.push(`error="${failure.error}"`, `error_description="${quoted(failure.message)}"`);
      if (failure.error === 'insufficient_scope' && failure.scope !== undefined) {
        parameters.push(`scope="${quoted(failure.scope)}"`);
      }
    }
    if (target.endpoint !== null) {
      const metadata = `${publicUrl}/.well-known/oauth-protected-resource${target.endpoint.path}`;
      parameters.push(`resource_metadata="${quoted(metadata)}"`);
    }
    challenges.push(`Bearer ${parameters.join(', ')}`);
  }
  return challenges.join(', ');
}

/** Characters that RFC 6750 allows in error_description; what else a message holds is left out. */
function quoted(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '');
}
