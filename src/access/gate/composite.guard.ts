import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { endpointOf } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError, type ErrorCategory } from '../../platform/errors/index.js';
import { PAGE_GATE, requestContext, type PageGate } from '../../platform/http/index.js';
import { setPrincipal } from '../../contract/index.js';
import { Admissions } from './admissions.js';
import { RefusalsService } from '../refusals/refusals.service.js';
import { challengeOf } from './challenge.js';
import { administratorOf } from '../checks/administrator.js';
import { CheckTable } from '../checks/check-table.js';
import type { Check, CheckContext, CheckFailure, GuardedTarget } from '../checks/check.js';
import { presentedCredentials, type PresentedCredentials } from '../credentials/presented-credentials.js';
import { refusalFacts } from './refusal-facts.js';
import { RouteRules } from './route-rules.js';

/**
 * The gate in front of every route. A FHIR route is checked by the check mode of its endpoint, the management
 * API for an administrator; any other route must have declared that it is public.
 */
@Injectable()
export class CompositeGuard implements CanActivate {
  constructor(
    private readonly rules: RouteRules,
    private readonly table: CheckTable,
    private readonly refusals: RefusalsService,
    private readonly admissions: Admissions,
    private readonly settings: Settings,
    @Optional() @Inject(PAGE_GATE) private readonly pages?: PageGate,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.rules.of(context.getClass(), context.getHandler());
    if (rule.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (rule.kind === 'page') {
      if (this.pages === undefined) throw noPages();
      return this.pages.admit(request, context.switchToHttp().getResponse<FastifyReply>(), rule.audience);
    }
    const credentials = presentedCredentials(request.raw);
    const parameters = request.params as Readonly<Record<string, string | undefined>>;
    const shared = {
      method: request.method,
      url: this.settings.publicUrl + (requestContext(request.raw).url.split('?', 1)[0] ?? ''),
      headers: request.headers,
      resourceType: parameters.type ?? null,
      id: parameters.id ?? null,
      operation: parameters.op ?? null,
    };
    if (rule.kind === 'administration') {
      const mode = credentials.scheme === 'bearer' || credentials.scheme === 'dpop' ? 'bearer' : 'basic';
      const base = this.settings.managementUrl;
      const target: GuardedTarget = {
        ...shared,
        kind: 'administration',
        mode,
        base,
        endpoint: null,
        rule: null,
      };
      return this.pass(request, target, credentials, this.table.administration[mode]);
    }
    const endpoint = endpointOf(request.raw);
    const target: GuardedTarget = {
      ...shared,
      kind: 'fhir',
      mode: endpoint.checkMode,
      base: endpoint.base,
      endpoint,
      rule,
    };
    return this.pass(request, target, credentials, this.table.fhir[endpoint.checkMode]);
  }

  private async pass(
    request: FastifyRequest,
    target: GuardedTarget,
    credentials: PresentedCredentials,
    checks: readonly Check[],
  ): Promise<boolean> {
    const context: CheckContext = { target, credentials, address: request.ip };
    for (const check of checks) {
      const outcome = check.run(context);
      const failure = outcome instanceof Promise ? await outcome : outcome;
      if (failure !== undefined) throw this.refuse(request, context, failure, check, checks);
    }
    if (context.principal === undefined) {
      if (target.kind === 'fhir')
        throw new FirekeepError('internal', 'ACCESS_NO_PRINCIPAL', 'The gate is set up wrongly.');
      context.principal = administratorOf(context);
    }
    setPrincipal(request.raw, context.principal);
    if (target.kind === 'fhir')
      this.admissions.admit(context.principal, { request: request.raw, context, checks });
    return true;
  }

  private refuse(
    request: FastifyRequest,
    context: CheckContext,
    failure: CheckFailure,
    failed: Check,
    checks: readonly Check[],
  ): FirekeepError {
    const name = failure.check ?? failed.name;
    const reference = this.refusals.record(refusalFacts(request.raw, context, failure, failed.name, checks));
    const challenged = failure.category === 'unauthenticated' || failure.error !== null;
    return new FirekeepError(failure.category, codeOf(name, failure.category), failure.message, {
      reference,
      headers: {
        'cache-control': 'no-store',
        ...(challenged ? { 'www-authenticate': challengeOf(context, failure, this.settings.publicUrl) } : {}),
        ...(failure.nonce === undefined ? {} : { 'dpop-nonce': failure.nonce }),
      },
      ...(failure.retryAfter === undefined ? {} : { retryAfter: failure.retryAfter }),
    });
  }
}

function noPages(): FirekeepError {
  return new FirekeepError(
    'not-found',
    'ACCESS_NO_PAGES_HERE',
    'Pages are where people sign in: at the process with the authorization server.',
  );
}

/**
 * The code that the caller sees. It must not tell more than RFC 6750 does, so every fact about a token or a
 * password has the same one.
 */
function codeOf(check: string, category: ErrorCategory): string {
  if (check.includes('.'))
    return category === 'unavailable' ? 'ACCESS_CHECK_FAILED' : 'ACCESS_REFUSED_BY_EXTENSION';
  if (category === 'throttled') return 'ACCESS_TOO_MANY_ATTEMPTS';
  if (category === 'unavailable') return 'ACCESS_ISSUER_UNAVAILABLE';
  switch (check) {
    case 'credentials-form':
      return 'ACCESS_INVALID_REQUEST';
    case 'basic-present':
    case 'token-present':
      return 'ACCESS_CREDENTIALS_REQUIRED';
    case 'basic-password':
      return 'ACCESS_WRONG_CREDENTIALS';
    case 'dpop-proof':
      return 'ACCESS_INVALID_PROOF';
    case 'scope':
    case 'admin-role':
      return 'ACCESS_INSUFFICIENT_SCOPE';
    case 'open-allowed':
      return 'ACCESS_ENDPOINT_NOT_OPEN';
    case 'cross-site':
      return 'ACCESS_CROSS_SITE';
    default:
      return 'ACCESS_INVALID_TOKEN';
  }
}
