import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import {
  ACCESS_POLICY,
  type AccessDenial,
  type AccessPolicy,
  type AccessRequest,
  type Principal,
} from '../../contract/index.js';
import type { Check, CheckContext, CheckFailure } from './check.js';

/** Scope, role and context permit the interaction; what they permit in part is filtered behind the seam. */
@Injectable()
export class ScopeCheck implements Check {
  readonly name = 'scope';

  constructor(
    @Inject(ACCESS_POLICY) private readonly policy: AccessPolicy,
    private readonly settings: Settings,
  ) {}

  run(context: CheckContext): CheckFailure | undefined {
    const principal = principalOf(context, this.settings.issuer);
    context.principal = principal;
    const { rule, resourceType, id, operation } = context.target;
    if (rule?.kind !== 'interaction') return undefined;
    const request: AccessRequest = {
      principal,
      interaction: rule.interaction,
      resourceType,
      conditional: isConditional(context),
      ...(id === null ? {} : { id }),
      ...(operation === null ? {} : { operation }),
    };
    const decision = this.policy.decide(request);
    if (decision.kind === 'permit' && decision.constraints.length > 0) return undefined;
    return scopeFailure(
      context,
      request,
      decision.kind === 'deny' ? decision : { reason: 'nothing that is granted covers it' },
    );
  }
}

/** What the check says of a request that the policy denies. */
export function scopeFailure(
  { claims, user }: Pick<CheckContext, 'claims' | 'user'>,
  request: AccessRequest,
  { reason, scope }: Pick<AccessDenial, 'reason' | 'scope'>,
): CheckFailure {
  const asked = `${request.interaction} on ${request.resourceType ?? 'the whole system'}`;
  return {
    category: 'forbidden',
    error: claims === undefined ? null : 'insufficient_scope',
    message: `What was granted does not allow ${asked}.`,
    ...(scope === undefined ? {} : { scope }),
    expected: `scope and role that allow ${asked}`,
    actual:
      `${reason} (scope ${claims === undefined ? 'none' : claims.scopes.join(' ').slice(0, 300) || 'empty'}` +
      `; roles ${user?.roles.join(', ') ?? 'none'})`,
    remedy:
      'Ask for a scope that covers it, have the client allowed to ask for it, or give the user a role that may.',
    setting: 'scope of the authorization request; scope of the client; roles of the user',
  };
}

function isConditional({ target }: CheckContext): boolean {
  return (
    target.headers['if-none-exist'] !== undefined ||
    (target.id === null && ['PUT', 'DELETE', 'PATCH'].includes(target.method))
  );
}

/** Who asks, by what the checks before have found out. */
export function principalOf({ claims, user, target: { base } }: CheckContext, ownIssuer: string): Principal {
  if (claims === undefined && user === undefined) {
    return {
      subject: 'anonymous',
      kind: 'anonymous',
      clientId: null,
      issuer: null,
      roles: [],
      scopes: null,
      fhirUser: null,
      patient: null,
    };
  }
  if (claims === undefined || claims.isUserToken) {
    return {
      subject: user?.username ?? '',
      kind: 'user',
      clientId: claims?.clientId ?? null,
      issuer: claims?.issuer ?? null,
      roles: user?.roles ?? [],
      scopes: claims?.scopes ?? null,
      fhirUser: localTo(base, user?.fhirUser ?? linkOfIssuer(claims, ownIssuer)),
      patient: claims?.patient ?? null,
    };
  }
  return {
    subject: claims.subject,
    kind: 'client',
    clientId: claims.clientId,
    issuer: claims.issuer,
    roles: ['service'],
    scopes: claims.scopes,
    fhirUser: null,
    patient: claims.patient,
  };
}

/**
 * The account says who the user is, as it says their roles. What a token says counts where the account says nothing and
 * the token is another issuer's; this server's own tells what the account did when it was issued.
 */
function linkOfIssuer(claims: CheckContext['claims'], ownIssuer: string): string | null {
  return claims === undefined || claims.issuer === ownIssuer ? null : claims.fhirUser;
}

/** A link below the endpoint's base, as a token has it, is to the repository's own resource. */
function localTo(base: string, fhirUser: string | null): string | null {
  const prefix = `${base.replace(/\/+$/, '')}/`;
  return fhirUser?.startsWith(prefix) === true ? fhirUser.slice(prefix.length) : fhirUser;
}
