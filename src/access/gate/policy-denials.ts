import { Injectable } from '@nestjs/common';
import type { AccessRequest, BehindTheGate, DeniedRequests } from '../../contract/index.js';
import { scopeFailure } from '../checks/scope.check.js';
import { refusalFacts } from './refusal-facts.js';
import { Admissions } from './admissions.js';
import { RefusalsService } from '../refusals/refusals.service.js';

/** Explains what the policy denies behind the gate as the gate explains its own refusals. */
@Injectable()
export class PolicyDenials implements DeniedRequests {
  constructor(
    private readonly refusals: RefusalsService,
    private readonly admissions: Admissions,
  ) {}

  record(request: AccessRequest, denial: BehindTheGate): string | undefined {
    const admission = this.admissions.of(request.principal);
    if (admission === undefined) return undefined;
    const { context, checks } = admission;
    const { interaction, resourceType } = request;
    const { expected, remedy, setting } = denial;
    const failure = {
      ...scopeFailure(context, request, denial),
      ...(expected === undefined ? {} : { expected }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(setting === undefined ? {} : { setting }),
    };
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
