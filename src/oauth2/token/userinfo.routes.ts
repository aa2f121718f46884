import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { signatureAlgorithmNames } from '../../platform/json-web/index.js';
import { DpopProofs } from '../../platform/proofs/index.js';
import type { AccessTokenClaims } from '../../contract/index.js';
import type { Oauth2Route, Oauth2Routes } from '../http/oauth2-route.js';
import { isForm, readForm } from '../http/parsed-body.js';
import { StoredAccessTokens } from './stored-access-tokens.js';
import { TokenClaims } from './token-claims.js';

interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'invalid_dpop_proof'
    | 'use_dpop_nonce'
    | undefined;
  readonly description: string;
}

/**
 * Who the user of a token is: for every token of this server with `openid`, whatever its audience.
 * https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
@Injectable()
export class UserinfoRoutes implements Oauth2Routes {
  readonly routes: readonly Oauth2Route[] = [
    {
      method: ['GET', 'POST', 'OPTIONS'],
      path: '/userinfo',
      answers: 'json',
      handle: (request, reply) => this.answer(request, reply),
    },
  ];

  constructor(
    private readonly tokens: StoredAccessTokens,
    private readonly claims: TokenClaims,
    private readonly clients: ClientsService,
    private readonly settings: Settings,
    private readonly proofs: DpopProofs,
  ) {}

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache', vary: 'Origin' });
    if (request.method === 'OPTIONS') return preflight(request, reply);
    const presented = await presentedToken(request);
    if ('status' in presented) return this.refuse(reply, presented);
    const verification = await this.tokens.verify(presented.token);
    if (!verification.ok) return this.refuse(reply, refusals.badToken);
    const { claims } = verification;
    const unproven = await this.proofProblem(request, reply, presented, claims);
    if (unproven !== undefined) return this.refuse(reply, unproven);
    if (!(await this.allowOrigin(request, reply, claims))) return this.refuse(reply, refusals.foreignOrigin);
    if (!claims.isUserToken || !claims.scopes.includes('openid'))
      return this.refuse(reply, refusals.noOpenid);
    const audience = claims.audience[0];
    const identity = await this.claims.identity(claims.subject, audience);
    if (identity === undefined) return this.refuse(reply, refusals.badToken);
    const { subject, clientId, scopes } = claims;
    return reply.send({
      ...(await this.claims.fromExtensions('userinfo', 'user', subject, { clientId, scopes, audience })),
      sub: identity.sub,
      ...(claims.scopes.includes('profile') ? { preferred_username: identity.preferred_username } : {}),
      ...(claims.scopes.includes('fhirUser') && identity.fhirUser !== undefined
        ? { fhirUser: identity.fhirUser }
        : {}),
    });
  }

  /** https://www.rfc-editor.org/rfc/rfc9449#section-7 */
  private async proofProblem(
    request: FastifyRequest,
    reply: FastifyReply,
    { token, byProof }: PresentedToken,
    { keyThumbprint }: AccessTokenClaims,
  ): Promise<Refusal | undefined> {
    if (byProof !== (keyThumbprint !== null)) return refusals.badToken;
    if (keyThumbprint === null) return undefined;
    const { dpop } = request.headers;
    const refusal = await this.proofs.check(typeof dpop === 'string' ? dpop : undefined, {
      method: request.method,
      url: `${this.settings.issuer}/userinfo`,
      token,
      thumbprint: keyThumbprint,
    });
    if (refusal?.nonce !== undefined) reply.header('dpop-nonce', refusal.nonce);
    return refusal === undefined ? undefined : { ...refusals.badProof, error: refusal.error };
  }

  /** Scripts of the client's own pages may read the answer. */
  private async allowOrigin(
    request: FastifyRequest,
    reply: FastifyReply,
    claims: AccessTokenClaims,
  ): Promise<boolean> {
    const { origin } = request.headers;
    if (origin === undefined) return true;
    const client = await this.clients.find(claims.clientId);
    const known = (client?.redirectUris ?? []).some(
      (uri) => URL.canParse(uri) && origin !== 'null' && new URL(uri).origin === origin,
    );
    if (known) {
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce',
      });
    }
    return known;
  }

  private refuse(reply: FastifyReply, { status, error, description }: Refusal): unknown {
    const details =
      error === undefined
        ? ''
        : `, error="${error}", error_description="${description.replaceAll('"', "'")}"`;
    return reply
      .status(status)
      .header(
        'www-authenticate',
        `Bearer realm="${this.settings.issuer}"${details}, DPoP realm="${this.settings.issuer}"${details}, ` +
          `algs="${signatureAlgorithmNames.join(' ')}"`,
      )
      .send(error === undefined ? {} : { error, error_description: description });
  }
}

const refusals = {
  none: { status: 401, error: undefined, description: '' },
  form: { status: 400, error: 'invalid_request', description: 'send one bearer token, in one place' },
  badToken: {
    status: 401,
    error: 'invalid_token',
    description: 'the token is unknown, expired or revoked',
  },
  badProof: {
    status: 401,
    error: 'invalid_dpop_proof',
    description: 'the token needs a new proof by its key for this request',
  },
  noOpenid: { status: 403, error: 'insufficient_scope', description: 'userinfo needs the scope openid' },
  foreignOrigin: {
    status: 400,
    error: 'invalid_request',
    description: 'the origin is not one of the client',
  },
} satisfies Record<string, Refusal>;

interface PresentedToken {
  readonly token: string;
  /** By the scheme DPoP. */
  readonly byProof: boolean;
}

/** RFC 6750: the header, or a form; a token in the URL was taken out before and counts as absent. */
async function presentedToken(request: FastifyRequest): Promise<PresentedToken | Refusal> {
  const { authorization } = request.headers;
  const fromForm =
    request.method === 'POST' && isForm(request.raw)
      ? (await readForm(request.raw)).getAll('access_token')
      : [];
  if (authorization === undefined) {
    if (fromForm.length > 1) return refusals.form;
    return fromForm[0] === undefined ? refusals.none : { token: fromForm[0], byProof: false };
  }
  const [, scheme = '', token] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  if (token === undefined || fromForm.length > 0) return refusals.form;
  return { token, byProof: scheme.toLowerCase() === 'dpop' };
}

/** Which origin may read is known only with the token; a preflight brings none. */
function preflight(request: FastifyRequest, reply: FastifyReply): unknown {
  return reply
    .status(204)
    .headers({
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Authorization, DPoP, Content-Type',
      'access-control-max-age': '3600',
    })
    .send();
}
