import { Injectable } from '@nestjs/common';
import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { Settings } from '../../platform/config/index.js';
import { SecretBox } from '../../platform/crypto/index.js';
import { dpopNoncePurpose } from '../../platform/proofs/index.js';
import { inLanguage } from '../texts/languages.js';
import { logoutPage, signedOutPage } from '../pages/logout.page.js';
import { DeviceFlow } from './device-flow.js';
import { Pages } from '../theme/themed-pages.js';
import { askedLanguagesOf, textsOf } from './engine-language.js';
import { GrantRules } from './grant-rules.js';
import { translated } from './protocol-error.js';
import { checkRequestObject } from './request-object.rule.js';
import { ResourceRules } from './resource-rules.js';

type Features = NonNullable<Configuration['features']>;

/** What the protocol engine offers beside its core, and what of it stays off. */
@Injectable()
export class EngineFeatures {
  constructor(
    private readonly settings: Settings,
    private readonly secretBox: SecretBox,
    private readonly grants: GrantRules,
    private readonly resources: ResourceRules,
    private readonly pages: Pages,
    private readonly devices: DeviceFlow,
  ) {}

  build(): Features {
    return {
      devInteractions: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      dPoP: this.proofs(),
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: {
        enabled: true,
        assertJwtClaimsAndHeader: (_ctx, claims, header, client) =>
          checkRequestObject(claims, header, client),
      },
      // Own ones: the engine's userinfo refuses tokens that have an audience, its registration keeps secrets.
      userinfo: { enabled: false },
      registration: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: this.devices.feature(),
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => translated(() => this.grants.mayIntrospect(client, token)),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => Promise.resolve(token.clientId === client.clientId),
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const page = logoutPage(keepingLanguage(form, ctx), ctx.oidc.client?.clientName, textsOf(ctx));
          this.pages.answer(ctx, { ...page, formTargets: [ctx.oidc.params?.post_logout_redirect_uri] });
        },
        postLogoutSuccessSource: (ctx) => {
          this.pages.answer(ctx, signedOutPage(textsOf(ctx)));
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => {
          if (oneOf !== undefined) throw new errors.InvalidTarget('give one resource');
          return this.resources.defaultResource(ctx);
        },
        useGrantedResource: () => Promise.resolve(true),
        getResourceServerInfo: (ctx, identifier, client) => this.resources.describe(ctx, identifier, client),
      },
    };
  }

  /** https://www.rfc-editor.org/rfc/rfc9449 */
  private proofs(): NonNullable<Features['dPoP']> {
    if (!this.settings.get('dpopNonce')) return { enabled: true };
    return {
      enabled: true,
      nonceSecret: this.secretBox.derive(dpopNoncePurpose),
      requireNonce: () => true,
    };
  }
}

/** The engine's form, whose answer is to be in the same language. */
function keepingLanguage(form: string, ctx: KoaContextWithOIDC): string {
  return form.replace(/(?<= action=")[^"]*/, (action) => inLanguage(action, askedLanguagesOf(ctx)));
}
