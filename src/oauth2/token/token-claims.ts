import { Injectable } from '@nestjs/common';
import { UsersService } from '../../users/index.js';
import { Audiences } from '../scopes/audiences.js';
import { ClaimSources, type Claims } from '../claims/claim-sources.js';
import type { LaunchContext } from '../launch/launch-context.js';
import { LaunchContexts } from '../launch/launch-contexts.store.js';
import { Theme } from '../theme/theme.js';
import { absoluteFhirUser } from './fhir-user.js';

/** What a token says beside the registered claims; kept with an opaque one and told on introspection. */
export interface ExtraClaims extends Record<string, unknown>, LaunchContext {
  /** A token of a client without a user carries `client`, and never passes for a user's. */
  readonly subject_type: 'user' | 'client';
  readonly sub?: string;
  readonly fhirUser?: string;
}

/** A token that is being made. */
export interface TokenToBe {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly audience: string | undefined;
}

/** Claims about a subject that are the same whichever way a token is made. */
@Injectable()
export class TokenClaims {
  constructor(
    private readonly users: UsersService,
    private readonly audiences: Audiences,
    private readonly contexts: LaunchContexts,
    private readonly theme: Theme,
    private readonly sources: ClaimSources,
  ) {}

  /**
   * @param grantId of the grant that the token comes from; its context goes along.
   * @throws FirekeepError `OAUTH2_CLAIMS_…` where an extension fails
   */
  async ofUser(username: string, token: TokenToBe, grantId: string | undefined): Promise<ExtraClaims> {
    const { audience } = token;
    const user = await this.users.findByUsername(username);
    const base = audience === this.audiences.administration ? undefined : audience;
    const fhirUser = absoluteFhirUser(user?.fhirUser ?? null, base);
    const context = grantId === undefined ? {} : await this.contexts.of(grantId);
    return {
      ...(await this.fromExtensions('access-token', 'user', username, token)),
      ...(base === undefined || grantId === undefined ? {} : this.style()),
      ...context,
      subject_type: 'user',
      ...(fhirUser === undefined ? {} : { fhirUser }),
    };
  }

  /** Where a launch says nothing of it: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#styling */
  private style(): Pick<LaunchContext, 'smart_style_url'> {
    const { smartStyleUrl } = this.theme;
    return smartStyleUrl === undefined ? {} : { smart_style_url: smartStyleUrl };
  }

  /** RFC 9700 section 4.15: a client must not be taken for a resource owner of the same name. */
  async ofClient(token: TokenToBe): Promise<ExtraClaims> {
    const { clientId } = token;
    const own = await this.fromExtensions('access-token', 'client', clientId, token);
    return { ...own, subject_type: 'client', sub: clientId };
  }

  /** What extensions add. @throws FirekeepError `OAUTH2_CLAIMS_…` */
  async fromExtensions(
    use: 'access-token' | 'id-token' | 'userinfo',
    kind: 'user' | 'client',
    subject: string,
    { clientId, scopes, audience }: TokenToBe,
  ): Promise<Claims> {
    return this.sources.claimsFor({ use, kind, subject, clientId, scopes, audience: audience ?? null });
  }

  /** Claims of the id_token and of userinfo; undefined: the account is gone or disabled. */
  async identity(
    username: string,
    audience: string | undefined,
  ): Promise<{ sub: string; preferred_username: string; fhirUser?: string } | undefined> {
    const user = await this.users.findByUsername(username);
    if (user?.enabled !== true) return undefined;
    const base =
      audience === undefined || audience === this.audiences.administration
        ? await this.audiences.defaultBase()
        : audience;
    const fhirUser = absoluteFhirUser(user.fhirUser, base);
    return {
      sub: username,
      preferred_username: username,
      ...(fhirUser === undefined ? {} : { fhirUser }),
    };
  }
}
