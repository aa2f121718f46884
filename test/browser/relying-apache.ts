import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { Apache, type Site } from '../kit/apache.js';
import { Management } from '../kit/management.js';
import { freePort, startServer, type ServerProcess } from '../kit/server-process.js';

const administrator = 'correct horse battery staple';

export const nora = {
  ...{ username: 'nora', password: 'a long walk to the harbour' },
  ...{ roles: ['practitioner'], fhirUser: 'Practitioner/nora' },
};

const analyserSecret = 'a secret of the analyser';

interface Ports {
  readonly plain: number;
  readonly strict: number;
  readonly posting: number;
  readonly introspecting: number;
  readonly verifying: number;
}

/**
 * Apache in front of an application that answers with the headers it got: three sites where people sign in, and two
 * where access tokens are checked. Apache has another host than the server, as sites of others have.
 */
export class RelyingApache {
  private constructor(
    readonly server: ServerProcess,
    readonly management: Management,
    private readonly application: Server,
    private readonly ports: Ports,
    private apache: Apache | undefined,
  ) {}

  static async start(databaseUrl: string): Promise<RelyingApache> {
    const server = await startServer(databaseUrl, {
      FIREKEEP_ADMIN_PASSWORD: administrator,
      FIREKEEP_CLIENT_NETWORKS: '127.0.0.0/8',
    });
    const application = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.headers));
    });
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    const ports = {
      ...{ plain: await freePort(), strict: await freePort(), posting: await freePort() },
      ...{ introspecting: await freePort(), verifying: await freePort() },
    };
    const management = new Management(server.url, 'admin', administrator);
    const all = new RelyingApache(server, management, application, ports, undefined);
    try {
      await all.register();
    } catch (error) {
      await all.stop();
      throw error;
    }
    return all;
  }

  site(name: keyof Ports): string {
    return `http://127.0.0.1:${this.ports[name]}`;
  }

  log(): string {
    return this.apache?.log() ?? '';
  }

  /** An access token of a service for what one of the sites serves. */
  async serviceToken(site: keyof Ports, scope = 'system/Observation.rs'): Promise<string> {
    const answer = await this.asAnalyser('token', {
      ...{ grant_type: 'client_credentials', scope },
      resource: `${this.site(site)}/api`,
    });
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(JSON.stringify(body));
    return body.access_token;
  }

  asAnalyser(endpoint: 'token' | 'revocation', form: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${this.server.url}/oauth2/${endpoint}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`analyser:${encodeURIComponent(analyserSecret)}`).toString('base64')}`,
      },
      body: new URLSearchParams(form),
    });
  }

  private async register(): Promise<void> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await this.management.call('POST', 'users', nora);
    const plain = await this.management.call<{ clientSecret: string }>('POST', 'clients', {
      ...{ clientId: 'intranet', clientName: 'Intranet', tokenEndpointAuthMethod: 'client_secret_basic' },
      ...this.addressesOf('plain'),
      scope: 'openid profile fhirUser online_access user/*.rs',
      metadata: {
        access_token_lifetime: 60,
        backchannel_logout_uri: `${this.site('plain')}/oidc/callback?logout=backchannel`,
        backchannel_logout_session_required: true,
      },
    });
    const posting = await this.management.call<{ clientSecret: string }>('POST', 'clients', {
      ...{ clientId: 'lounge', clientName: 'Lounge', tokenEndpointAuthMethod: 'client_secret_basic' },
      ...this.addressesOf('posting'),
      scope: 'openid profile user/*.rs',
    });
    await this.management.call('POST', 'clients', {
      ...{ clientId: 'laboratory', clientName: 'Laboratory', tokenEndpointAuthMethod: 'private_key_jwt' },
      ...this.addressesOf('strict'),
      scope: 'openid profile fhirUser user/*.rs',
      jwksUri: `${this.site('strict')}/oidc/callback?jwks=rsa`,
      metadata: { dpop_bound_access_tokens: true, require_pushed_authorization_requests: true },
    });
    await this.management.call('POST', 'clients', {
      ...{ clientId: 'analyser', clientSecret: analyserSecret },
      ...{ tokenEndpointAuthMethod: 'client_secret_basic', grantTypes: ['client_credentials'] },
      scope: 'system/Observation.rs system/Patient.rs',
    });
    const records = await this.management.call<{ clientSecret: string }>('POST', 'clients', {
      ...{ clientId: 'records', clientName: 'Records', clientType: 'resource_server' },
      ...{ tokenEndpointAuthMethod: 'client_secret_basic' },
      resource: [`${this.site('introspecting')}/api`, `${this.site('verifying')}/api`],
    });
    this.apache = await Apache.start(
      [
        this.plainSite(plain.clientSecret),
        this.strictSite(),
        this.postingSite(posting.clientSecret),
        this.introspectingSite(records.clientSecret),
        this.verifyingSite(),
      ],
      {
        'private.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        'public.pem': publicKey.export({ type: 'spki', format: 'pem' }) as string,
      },
    );
  }

  private addressesOf(name: keyof Ports): object {
    return {
      redirectUris: [`${this.site(name)}/oidc/callback`],
      postLogoutRedirectUris: [`${this.site(name)}/signed-out`],
      grantTypes: ['authorization_code', 'refresh_token'],
    };
  }

  private relying(name: keyof Ports, more: string): Site {
    return {
      port: this.ports[name],
      directives: `
        OIDCProviderMetadataURL ${this.server.url}/oauth2/.well-known/openid-configuration
        OIDCRedirectURI ${this.site(name)}/oidc/callback
        OIDCCryptoPassphrase "one of a test"
        OIDCRemoteUserClaim preferred_username
        OIDCPassClaimsAs headers
        OIDCPassUserInfoAs claims json
        OIDCAuthRequestParams aud=${encodeURIComponent(`${this.server.url}/fhir/r4`)}
        ${more}
        ProxyPass /oidc/callback !
        ProxyPass / http://127.0.0.1:${(this.application.address() as AddressInfo).port}/
        <Location />
          AuthType openid-connect
          Require valid-user
        </Location>
        <Location /signed-out>
          AuthType None
          Require all granted
        </Location>`,
    };
  }

  private plainSite(secret: string): Site {
    return this.relying(
      'plain',
      `
        OIDCClientID intranet
        OIDCClientSecret ${secret}
        OIDCPKCEMethod S256
        OIDCScope "openid profile fhirUser online_access user/*.rs"
        OIDCUserInfoRefreshInterval 1
        OIDCRefreshAccessTokenBeforeExpiry 59
        OIDCCookie intranet`,
    );
  }

  private postingSite(secret: string): Site {
    return this.relying(
      'posting',
      `
        OIDCClientID lounge
        OIDCClientSecret ${secret}
        OIDCPKCEMethod S256
        OIDCScope "openid profile user/*.rs"
        OIDCResponseMode form_post
        OIDCCookieSameSite Off
        ErrorDocument 400 "Not signed in: %{reqenv:OIDC_ERROR} (%{reqenv:OIDC_ERROR_DESC})"
        OIDCCookie lounge`,
    );
  }

  private strictSite(): Site {
    return this.relying(
      'strict',
      `
        OIDCPrivateKeyFiles sig:laboratory-1#\${FOLDER}/private.pem
        OIDCPublicKeyFiles sig:laboratory-1#\${FOLDER}/public.pem
        OIDCClientID laboratory
        OIDCProviderTokenEndpointAuth private_key_jwt
        OIDCProfile FAPI20
        OIDCDPoPMode required on
        OIDCScope "openid profile fhirUser user/*.rs"
        OIDCCookie laboratory`,
    );
  }

  private introspectingSite(secret: string): Site {
    return this.resource(
      'introspecting',
      `
        OIDCOAuthIntrospectionEndpoint ${this.server.url}/oauth2/introspection
        OIDCOAuthClientID records
        OIDCOAuthClientSecret ${secret}
        OIDCOAuthTokenIntrospectionInterval -1`,
    );
  }

  private verifyingSite(): Site {
    return this.resource('verifying', `OIDCOAuthVerifyJwksUri ${this.server.url}/oauth2/jwks`);
  }

  private resource(name: keyof Ports, more: string): Site {
    return {
      port: this.ports[name],
      directives: `
        OIDCCryptoPassphrase "one of a test"
        ${more}
        ProxyPass / http://127.0.0.1:${(this.application.address() as AddressInfo).port}/
        <Location /api>
          AuthType oauth20
          <RequireAll>
            Require claim aud:${this.site(name)}/api
            Require claim "scope~(^|[ ])system/Observation[.]rs([ ]|$)"
          </RequireAll>
        </Location>`,
    };
  }

  async stop(): Promise<void> {
    await this.apache?.stop();
    this.application.close();
    this.application.closeAllConnections();
    await this.server.stop();
  }
}

/** What the application behind Apache got. */
export async function headersShown(page: Page): Promise<IncomingHttpHeaders> {
  return JSON.parse(await page.locator('pre').innerText()) as IncomingHttpHeaders;
}
