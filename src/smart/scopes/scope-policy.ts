import { Injectable } from '@nestjs/common';
import type {
  AccessConstraint,
  AccessDecision,
  AccessPolicy,
  AccessRequest,
  Interaction,
  Principal,
} from '../../access/contract.js';
import { covers, lettersFor } from './interaction-rights.js';
import { parseResourceScope, type ResourceScope } from './scope.js';

const cacheCapacity = 2_000;
const rolesOfUser: ReadonlySet<string> = new Set(['practitioner']);
/** Limited to a compartment or by criteria; also where the rest of it is malformed, since it was meant to limit. */
const narrowScope = /^patient\/|^(?:user|system)\/[^?]*\?/;

/**
 * Effective right = scope ∩ role. A user's token is worth its `user/` scopes where the user has a role for
 * clinical data, a client's token its `system/` scopes. What can't be enforced is refused as a whole: a token
 * with a `patient/` scope or a scope with `?` constraints was approved for less than its other scopes say, so
 * letting those through would widen what a person agreed to.
 */
@Injectable()
export class ScopePolicy implements AccessPolicy {
  private readonly parsed = new Map<string, ParsedScopes>();

  decide(request: AccessRequest): AccessDecision {
    const { principal, interaction, resourceType, conditional } = request;
    if (interaction === 'capabilities') return permit(interaction, resourceType);
    if (principal.kind === 'anonymous') return permit(interaction, resourceType);
    const role = roleRefusal(principal);
    if (role !== undefined) return deny('role', role);
    if (principal.scopes === null) return permit(interaction, resourceType);
    const { resourceScopes, unenforceable } = this.parse(principal.scopes);
    if (unenforceable !== undefined) {
      return deny(
        'scope',
        `the scope ${unenforceable} cannot be enforced by this server yet, so it grants nothing`,
      );
    }
    const context = principal.kind === 'user' ? 'user' : 'system';
    const found = resourceScopes.some(
      (scope) => scope.context === context && covers(scope, interaction, resourceType, conditional === true),
    );
    if (found) return permit(interaction, resourceType);
    return {
      ...deny(
        'scope',
        `no ${context}/ scope covers it${conditional === true ? ' with the search it begins with' : ''}`,
      ),
      ...scopeThatCovers(context, request),
    };
  }

  private parse(scopes: readonly string[]): ParsedScopes {
    const key = scopes.join('\n');
    const known = this.parsed.get(key);
    if (known !== undefined) return known;
    const resourceScopes = scopes.map(parseResourceScope).filter((scope) => scope !== undefined);
    const unenforceable = scopes.find((text) => narrowScope.test(text));
    const result = { resourceScopes, unenforceable };
    if (this.parsed.size >= cacheCapacity) this.parsed.clear();
    this.parsed.set(key, result);
    return result;
  }
}

interface ParsedScopes {
  readonly resourceScopes: readonly ResourceScope[];
  /** The first scope that would need filtering of rows; undefined: none. */
  readonly unenforceable: string | undefined;
}

function roleRefusal({ kind, roles }: Principal): string | undefined {
  if (kind === 'client') return undefined;
  if (roles.includes('patient'))
    return 'the role patient is limited to the own compartment, which is not enforced yet';
  if (roles.some((role) => rolesOfUser.has(role))) return undefined;
  return `the user has no role for clinical data (roles: ${roles.join(', ') || 'none'})`;
}

function permit(interaction: Interaction, resourceType: string | null): AccessDecision {
  const constraint: AccessConstraint = {
    resourceType: resourceType ?? '*',
    interactions: new Set([interaction]),
    allOf: [],
    noneOf: [],
  };
  return { kind: 'permit', constraints: [constraint] };
}

function deny(check: string, reason: string): AccessDecision & { readonly kind: 'deny' } {
  return { kind: 'deny', check, reason };
}

function scopeThatCovers(
  context: 'user' | 'system',
  { interaction, resourceType, conditional }: AccessRequest,
): { readonly scope?: string } {
  const letters = lettersFor(interaction, conditional === true);
  return letters === undefined ? {} : { scope: `${context}/${resourceType ?? '*'}.${letters}` };
}
