import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { AccessDenial, AccessRequest, DeniedRequests, Principal } from '../contract.js';
import type { Check, CheckContext } from '../guards/check.js';
import { scopeFailure } from '../guards/checks/scope.check.js';
import { refusalFacts } from '../guards/refusal-facts.js';
import { RefusalsService } from './refusals.service.js';

interface Admission {
  readonly request: IncomingMessage;
  readonly context: CheckContext;
  readonly checks: readonly Check[];
}

/** Explains what the policy denies behind the gate as the gate explains its own refusals. */
@Injectable()
export class PolicyDenials implements DeniedRequests {
  /** How each principal came in; a principal lives as long as its request. */
  private readonly admissions = new WeakMap<Principal, Admission>();

  constructor(@Inject(RefusalsService) private readonly refusals: RefusalsService) {}

  /** Remembers how a principal came through the gate, for as long as it is in use. */
  admit(principal: Principal, admission: Admission): void {
    this.admissions.set(principal, admission);
  }

  record(request: AccessRequest, denial: Pick<AccessDenial, 'reason' | 'scope'>): string | undefined {
    const admission = this.admissions.get(request.principal);
    if (admission === undefined) return undefined;
    const { context, checks } = admission;
    const { interaction, resourceType } = request;
    const failure = scopeFailure(context, request, denial);
    const asked = `${interaction} on ${resourceType ?? 'the whole system'}, as a part of the request`;
    return this.refusals.record(
      refusalFacts(
        admission.request,
        context,
        { ...failure, actual: `${failure.actual}; asked for ${asked}` },
        'scope',
        checks,
      ),
    );
  }
}
