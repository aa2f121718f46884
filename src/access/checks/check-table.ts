import { Injectable, Optional } from '@nestjs/common';
import type { CheckMode } from '../../contract/index.js';
import { InsertedChecks } from './inserted-checks.js';
import type { Check } from './check.js';
import { AdminRoleCheck } from './admin-role.check.js';
import { AudienceCheck } from './audience.check.js';
import { BasicPasswordCheck } from './basic-password.check.js';
import { ClientEnabledCheck } from './client-enabled.check.js';
import { CredentialsFormCheck } from './credentials-form.check.js';
import { BasicPresentCheck, TokenPresentCheck } from './credentials-present.check.js';
import { CrossSiteCheck } from './cross-site.check.js';
import { DpopProofCheck } from './dpop-proof.check.js';
import { OpenAllowedCheck } from './open-allowed.check.js';
import { SameUserCheck, UserTokenCheck } from './same-user.check.js';
import { ScopeCheck } from './scope.check.js';
import { TokenCheck } from './token.check.js';
import { UserEnabledCheck } from './user-enabled.check.js';

export const checkClasses = [
  AdminRoleCheck,
  AudienceCheck,
  BasicPasswordCheck,
  BasicPresentCheck,
  ClientEnabledCheck,
  CredentialsFormCheck,
  CrossSiteCheck,
  DpopProofCheck,
  OpenAllowedCheck,
  SameUserCheck,
  ScopeCheck,
  TokenCheck,
  TokenPresentCheck,
  UserEnabledCheck,
  UserTokenCheck,
];

type AdministrationMode = 'basic' | 'bearer';

/** Checks by what a request must bring. */
interface Rows {
  readonly fhir: Readonly<Record<CheckMode, readonly Check[]>>;
  readonly administration: Readonly<Record<AdministrationMode, readonly Check[]>>;
}

/**
 * Which checks a request must pass, in order. What a request brings must be valid in every mode, so the checks
 * of password and token stand in every row; the modes differ in what must be there. Those of extensions stand around
 * the last one.
 */
@Injectable()
export class CheckTable {
  private readonly own: Rows;
  private complete: Rows | undefined;

  constructor(
    form: CredentialsFormCheck,
    basicPresent: BasicPresentCheck,
    tokenPresent: TokenPresentCheck,
    openAllowed: OpenAllowedCheck,
    password: BasicPasswordCheck,
    token: TokenCheck,
    proof: DpopProofCheck,
    audience: AudienceCheck,
    client: ClientEnabledCheck,
    user: UserEnabledCheck,
    userToken: UserTokenCheck,
    sameUser: SameUserCheck,
    crossSite: CrossSiteCheck,
    adminRole: AdminRoleCheck,
    scope: ScopeCheck,
    @Optional() private readonly inserted?: InsertedChecks,
  ) {
    const whatIsBrought = [password, token, proof, audience, client, user, userToken, sameUser];
    this.own = {
      fhir: {
        bearer: [form, tokenPresent, ...whatIsBrought, scope],
        'basic-and-bearer': [form, basicPresent, tokenPresent, ...whatIsBrought, scope],
        basic: [crossSite, form, basicPresent, ...whatIsBrought, scope],
        open: [openAllowed, crossSite, form, ...whatIsBrought, scope],
      },
      administration: {
        basic: [crossSite, form, basicPresent, ...whatIsBrought, adminRole],
        bearer: [crossSite, form, tokenPresent, ...whatIsBrought, adminRole],
      },
    };
  }

  get fhir(): Rows['fhir'] {
    return this.rows.fhir;
  }

  get administration(): Rows['administration'] {
    return this.rows.administration;
  }

  /** With the checks of extensions, which are all there when the first request comes. */
  private get rows(): Rows {
    this.complete ??= this.inserted?.into(this.own) ?? this.own;
    return this.complete;
  }
}
