import { Injectable } from '@nestjs/common';
import type { CheckMode } from '../../contract/index.js';
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

/**
 * Which checks a request must pass, in order. What a request brings must be valid in every mode, so the checks
 * of password and token stand in every row; the modes differ in what must be there.
 */
@Injectable()
export class CheckTable {
  readonly fhir: Readonly<Record<CheckMode, readonly Check[]>>;
  readonly administration: { readonly basic: readonly Check[]; readonly bearer: readonly Check[] };

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
  ) {
    const whatIsBrought = [password, token, proof, audience, client, user, userToken, sameUser];
    this.fhir = {
      bearer: [form, tokenPresent, ...whatIsBrought, scope],
      'basic-and-bearer': [form, basicPresent, tokenPresent, ...whatIsBrought, scope],
      basic: [crossSite, form, basicPresent, ...whatIsBrought, scope],
      open: [openAllowed, crossSite, form, ...whatIsBrought, scope],
    };
    this.administration = {
      basic: [crossSite, form, basicPresent, ...whatIsBrought, adminRole],
      bearer: [crossSite, form, tokenPresent, ...whatIsBrought, adminRole],
    };
  }
}
