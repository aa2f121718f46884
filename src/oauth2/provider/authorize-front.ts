import type { ParameterizedContext } from 'koa';
import { withoutSlash } from '../authorize/audiences.js';

/**
 * What an authorization request needs before the engine reads it: SMART's `aud` as the `resource` of RFC 8707,
 * and the consent prompt without which the engine drops `offline_access` silently.
 * https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code
 */
export function prepareAuthorizationRequest(ctx: ParameterizedContext): void {
  const query = { ...ctx.query };
  const { aud, resource, scope, prompt } = query;
  const named = [resource, aud]
    .flat()
    .flatMap((value) => (value === undefined || value === '' ? [] : [value]));
  const bases = [...new Set(named.map(withoutSlash))];
  if (bases[0] !== undefined) query.resource = bases.length === 1 ? bases[0] : bases;
  const prompts = typeof prompt === 'string' ? prompt.split(' ').filter((text) => text !== '') : [];
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  if (
    scopes.includes('offline_access') &&
    !Array.isArray(prompt) &&
    !prompts.includes('none') &&
    !prompts.includes('consent')
  ) {
    query.prompt = [...prompts, 'consent'].join(' ');
  }
  ctx.query = query;
}
