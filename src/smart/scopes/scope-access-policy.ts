import { Inject, Injectable } from '@nestjs/common';
import type {
  AccessConstraint,
  AccessDecision,
  AccessDenial,
  AccessPolicy,
  AccessRequest,
  Criterion,
  Interaction,
  Principal,
} from '../../contract/index.js';
import { changesEvent, readsEvents, eventType } from './audit-events.js';
import { covers, lettersFor } from './interaction-rights.js';
import { RoleCatalog } from '../../users/index.js';
import { keptParticipants, reachOfRoles, rolesAllow, type DefinedRules, type Reach } from './role-reach.js';
import { parseResourceScope, type ResourceScope } from './scope.js';

/** Meant to limit to a compartment or by criteria; where it can't be read, the token grants nothing. */
const narrowScope = /^patient\/|^(?:user|system)\/[^?]*\?/;

/**
 * Effective right = scope ∩ role: a user's token is worth its `user/` and `patient/` scopes within what one of the
 * user's roles allows, a client's token its `system/` scopes. Scopes add up. A `patient/` scope reaches the compartment
 * of the patient in context, and nothing where there is none; the role `patient` reaches the own compartment, and a
 * defined role what its rules say; a role that isn't known reaches nothing. With
 * `openid fhirUser` the resource that describes the user can be read. AuditEvents are apart: they are never changed,
 * and read by the role `auditor` alone and by scopes that name them.
 *
 * @see https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
@Injectable()
export class ScopeAccessPolicy implements AccessPolicy {
  /** By the list itself, which a token that is remembered keeps. */
  private readonly parsed = new WeakMap<readonly string[], ParsedScopes>();

  constructor(@Inject(RoleCatalog) private readonly catalog: DefinedRules) {}

  get revision(): number {
    return this.catalog.revision;
  }

  decide(request: AccessRequest): AccessDecision {
    const decision = this.decideOn(request);
    if (decision.kind === 'deny') return decision;
    const blind = request.interaction === 'patch' ? this.blindPatch(request) : undefined;
    if (blind !== undefined) return blind;
    if (request.conditional !== true) return decision;
    // It searches first, by whichever scope and rule that is granted.
    const search = this.decideOn({ ...request, interaction: 'search-type' });
    if (search.kind !== 'deny') return decision;
    return search.scope === undefined
      ? search
      : { ...search, ...scopeThatCovers(this.contextOf(request.principal), request) };
  }

  /** What a patch comes to tells what is stored, so that who may neither read nor find it can't patch it either. */
  private blindPatch(request: AccessRequest): AccessDenial | undefined {
    const ways = (['read', 'search-type'] as const).map((interaction) =>
      this.decideOn({ ...request, interaction }),
    );
    const [read] = ways;
    if (read?.kind !== 'deny' || ways.some(({ kind }) => kind === 'permit')) return undefined;
    const reason = `a patch tells what is stored, and is for who may read it: ${read.reason}`;
    if (read.scope === undefined) return { ...read, reason };
    const { context, type } = {
      context: this.contextOf(request.principal),
      type: request.resourceType ?? '*',
    };
    return { ...read, reason, scope: `${context}/${type}.${request.conditional === true ? 'rus' : 'ru'}` };
  }

  private decideOn(request: AccessRequest): AccessDecision {
    const { principal, interaction, resourceType } = request;
    const everything: readonly Reach[] = [[]];
    if (changesEvent(request)) return deny('append-only', 'an AuditEvent is never changed or deleted');
    const isAudit = readsEvents(request);
    if (interaction === 'capabilities') return permit(request, everything);
    if (principal.kind === 'anonymous') {
      return isAudit ? deny('role', auditorsOnly) : permit(request, everything);
    }
    const roles = principal.kind === 'client' ? everything : reachOfRoles(request, isAudit, this.catalog);
    if (roles.length === 0) {
      return deny('role', isAudit ? auditorsOnly : roleProblem(request, this.catalog));
    }
    if (principal.scopes === null) return permit(request, roles);
    const { resourceScopes, malformed, namesUser } = this.parse(principal.scopes);
    if (malformed !== undefined) {
      return deny('scope', `the scope ${malformed} is malformed, so that what it limits is not known`);
    }
    const covering = resourceScopes.filter(
      (scope) => covers(scope, interaction, resourceType) && (!isAudit || scope.resourceType === eventType),
    );
    const reached = [
      ...covering.flatMap((scope) => reachOfScope(scope, request)),
      ...(namesUser ? reachOfIdentity(request) : []),
    ];
    if (reached.length > 0) {
      return permit(
        request,
        reached.flatMap((scope) => roles.map((role): Reach => [...scope, ...role])),
      );
    }
    const context = this.contextOf(principal);
    return {
      ...deny('scope', scopeProblem(covering, context, request.conditional === true)),
      ...scopeThatCovers(context, request),
    };
  }

  /** How a scope that is missing would begin: an app that is about one patient is not told to ask for more. */
  private contextOf({ kind, scopes, patient }: Principal): ResourceScope['context'] {
    if (kind !== 'user') return 'system';
    const { resourceScopes } = this.parse(scopes ?? []);
    const isAboutOne = patient !== null && resourceScopes.some(({ context }) => context === 'patient');
    return isAboutOne && resourceScopes.every(({ context }) => context === 'patient') ? 'patient' : 'user';
  }

  private parse(scopes: readonly string[]): ParsedScopes {
    const known = this.parsed.get(scopes);
    if (known !== undefined) return known;
    const parsed = scopes.map((text) => ({ text, scope: parseResourceScope(text) }));
    const result = {
      resourceScopes: parsed.flatMap(({ scope }) => scope ?? []),
      namesUser: scopes.includes('openid') && scopes.includes('fhirUser'),
      malformed: parsed.find(({ text, scope }) => scope === undefined && narrowScope.test(text))?.text,
    };
    this.parsed.set(scopes, result);
    return result;
  }
}

interface ParsedScopes {
  readonly resourceScopes: readonly ResourceScope[];
  readonly namesUser: boolean;
  readonly malformed: string | undefined;
}

/** What a scope reaches for this principal: nothing, or one set of criteria. */
function reachOfScope({ context, query }: ResourceScope, request: AccessRequest): readonly Reach[] {
  const { kind, patient } = request.principal;
  const criteria: Criterion[] = query === null ? [] : [{ query, by: 'client' }];
  switch (context) {
    case 'system':
      return kind === 'client' ? [criteria] : [];
    case 'user':
      return kind === 'user' ? [criteria] : [];
    case 'patient':
      return kind === 'user' && patient !== null && /^[A-Za-z0-9\-.]{1,64}$/.test(patient)
        ? [[{ compartment: { type: 'Patient', id: patient } }, ...keptParticipants(request), ...criteria]]
        : [];
  }
}

/**
 * `openid fhirUser` lets an app read whom it deals with.
 * https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-identity-data
 */
function reachOfIdentity({ principal, interaction, resourceType }: AccessRequest): readonly Reach[] {
  const [, type, id] =
    /^(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/([A-Za-z0-9\-.]{1,64})$/.exec(
      principal.fhirUser ?? '',
    ) ?? [];
  const isOwn = principal.kind === 'user' && interaction === 'read' && type === resourceType;
  return isOwn && id !== undefined ? [[{ query: `_id=${id}` }]] : [];
}

function permit(
  { interaction, resourceType }: { readonly interaction: Interaction; readonly resourceType: string | null },
  reached: readonly Reach[],
): AccessDecision {
  const interactions = new Set([interaction]);
  return {
    kind: 'permit',
    constraints: reached.map((allOf): AccessConstraint => ({
      resourceType: resourceType ?? '*',
      interactions,
      allOf,
      noneOf: [],
    })),
  };
}

function deny(check: string, reason: string): AccessDecision & { readonly kind: 'deny' } {
  return { kind: 'deny', check, reason };
}

const auditorsOnly = 'AuditEvents are read by users with the role auditor';

function roleProblem(request: AccessRequest, catalog: DefinedRules): string {
  const { roles, fhirUser } = request.principal;
  if (rolesAllow(request, catalog)) {
    return `a rule of the user's roles covers it, but is about the user's own resource, and fhirUser (${fhirUser ?? 'none'}) names none of this repository that it could be`;
  }
  if (roles.some((role) => catalog.rulesOf(role).length > 0)) {
    return `no rule of the user's roles covers it (roles: ${roles.join(', ')})`;
  }
  if (roles.includes('patient')) {
    return `the role patient reaches the own record, and fhirUser (${fhirUser ?? 'none'}) names no Patient of this repository`;
  }
  return `the user has no role for clinical data (roles: ${roles.join(', ') || 'none'})`;
}

function scopeProblem(covering: readonly ResourceScope[], context: string, conditional: boolean): string {
  if (covering.some((scope) => scope.context === 'patient')) {
    return 'a patient/ scope covers it, but the token has no patient in context';
  }
  return `no ${context}/ scope covers it${conditional ? ' with the search it begins with' : ''}`;
}

function scopeThatCovers(
  context: ResourceScope['context'],
  { interaction, resourceType, conditional }: AccessRequest,
): { readonly scope?: string } {
  const letters = lettersFor(interaction, conditional === true);
  return letters === undefined ? {} : { scope: `${context}/${resourceType ?? '*'}.${letters}` };
}
