import { Injectable } from '@nestjs/common';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** The token was issued for this endpoint: its `aud` is the base URL. https://www.rfc-editor.org/rfc/rfc8707 */
@Injectable()
export class AudienceCheck implements Check {
  readonly name = 'audience';

  applies({ claims }: CheckContext): boolean {
    return claims !== undefined;
  }

  run({ target, claims }: CheckContext): CheckFailure | undefined {
    if (claims === undefined) return undefined;
    const base = withoutSlash(target.base);
    if (claims.audience.some((audience) => withoutSlash(audience) === base)) return undefined;
    return {
      category: 'unauthenticated',
      error: 'invalid_token',
      message: 'The access token is expired, revoked, malformed or not valid here.',
      expected: `aud ${target.base}`,
      actual: claims.audience.length === 0 ? 'no aud' : `aud ${claims.audience.join(', ').slice(0, 500)}`,
      remedy: `Ask the authorization server for a token with aud=${target.base}`,
      setting: 'aud of the authorization request; FIREKEEP_PUBLIC_URL and path of the endpoint',
    };
  }
}

function withoutSlash(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
