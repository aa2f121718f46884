import type { Client } from '../../clients/index.js';
import type { Audience } from './audiences.js';
import { covers, parseScopes, type Scope } from './scope-grammar.js';

/** An error of the protocol, with a description that the client may read. */
export interface ProtocolProblem {
  readonly error: 'invalid_scope' | 'invalid_target' | 'invalid_request';
  readonly description: string;
}

/** What a request asks for, or why it can't have it. */
export type ScopeDecision =
  | { readonly ok: true; readonly scopes: readonly string[] }
  | { readonly ok: false; readonly problem: ProtocolProblem };

type ClientBounds = Pick<Client, 'clientId' | 'scope' | 'firstParty'>;

/** Scopes that only mean something at a resource server: they need an audience. */
export function needsAudience(parameter: string): boolean {
  const parsed = parseScopes(parameter);
  return (
    parsed.ok &&
    parsed.scopes.some(
      (scope) => scope.kind === 'resource' || scope.text === 'admin' || scope.text.startsWith('launch'),
    )
  );
}

/**
 * What a client may ask for on behalf of a user: within its scope list, and never `system/`.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export function userScopes(
  parameter: string | undefined,
  client: ClientBounds,
  audience: Audience | undefined,
): ScopeDecision {
  return decide(parameter, client, (scope) => {
    if (scope.kind === 'resource' && scope.context === 'system') {
      return `${scope.text} is for clients that act without a user`;
    }
    return audienceProblem(scope, client, audience);
  });
}

/** What a client may ask for on its own behalf: `system/` scopes within its scope list. */
export function clientScopes(
  parameter: string | undefined,
  client: ClientBounds,
  audience: Audience,
): ScopeDecision {
  return decide(parameter, client, (scope) => {
    if (scope.kind === 'named' || scope.context !== 'system') {
      return `${scope.text} needs a user; a client without one asks for system/ scopes`;
    }
    return audienceProblem(scope, client, audience);
  });
}

/** The `system/` part of a client's scope list: what it gets when it doesn't say. */
export function defaultClientScope(client: ClientBounds): string {
  const parsed = parseScopes(client.scope);
  if (!parsed.ok) return '';
  return parsed.scopes
    .filter((scope) => scope.kind === 'resource' && scope.context === 'system')
    .map(({ text }) => text)
    .join(' ');
}

/** Of what was granted, what the client's scope list still covers. */
export function stillAllowed(granted: Iterable<string>, client: ClientBounds): string[] {
  const bounds = parseScopes(client.scope);
  const asked = parseScopes([...granted].join(' '));
  if (!bounds.ok || !asked.ok) return [];
  return asked.scopes.filter((scope) => covers(bounds.scopes, scope)).map(({ text }) => text);
}

function decide(
  parameter: string | undefined,
  client: ClientBounds,
  problemOf: (scope: Scope) => string | undefined,
): ScopeDecision {
  const parsed = parseScopes(parameter ?? '');
  if (!parsed.ok) return refused(parsed.problem);
  if (parsed.scopes.length === 0) return refused('scope is required');
  const bounds = parseScopes(client.scope);
  const allowed = bounds.ok ? bounds.scopes : [];
  for (const scope of parsed.scopes) {
    const problem =
      problemOf(scope) ??
      (covers(allowed, scope)
        ? undefined
        : `${scope.text} is not within the scopes that ${client.clientId} is registered for`);
    if (problem !== undefined) return refused(problem);
  }
  return { ok: true, scopes: parsed.scopes.map(({ text }) => text) };
}

/** The management API takes `admin` and nothing clinical; a FHIR endpoint the other way round. */
function audienceProblem(
  scope: Scope,
  client: ClientBounds,
  audience: Audience | undefined,
): string | undefined {
  if (scope.kind === 'named' && scope.text === 'admin') {
    if (!client.firstParty) return 'admin is for clients that belong to this server';
    if (audience?.kind !== 'administration') return 'admin goes with the management API as aud';
    return undefined;
  }
  if (scope.kind === 'resource' && audience?.kind === 'administration') {
    return `${scope.text} means nothing at the management API; its scope is admin`;
  }
  return undefined;
}

function refused(description: string): ScopeDecision {
  return { ok: false, problem: { error: 'invalid_scope', description } };
}
