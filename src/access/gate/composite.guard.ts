import { type CanActivate, type ExecutionContext, Inject, Injectable, Optional } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { endpointOf } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { PAGE_GATE, requestContext, type PageGate } from '../../platform/http/index.js';
import { setPrincipal } from '../../contract/index.js';
import { Admissions } from './admissions.js';
import { administratorOf } from '../checks/administrator.js';
import { CheckTable } from '../checks/check-table.js';
import type { Check, CheckContext, GuardedTarget } from '../checks/check.js';
import { presentedCredentials, type PresentedCredentials } from '../credentials/presented-credentials.js';
import { GateRefusals } from './gate-refusals.js';
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
    private readonly refusals: GateRefusals,
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
      if (failure !== undefined) throw this.refusals.of(request.raw, context, failure, check, checks);
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
}

function noPages(): FirekeepError {
  return new FirekeepError(
    'not-found',
    'ACCESS_NO_PAGES_HERE',
    'Pages are where people sign in: at the process with the authorization server.',
  );
}
