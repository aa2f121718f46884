import { createHash, randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type HttpAnswer, send } from '../../kit/http.js';
import { issuer, password, publicUrl, redirectUri } from './application.js';

interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** A browser as far as OAuth needs one: cookies with paths, redirects within the server, forms. */
export class Browser {
  readonly cookies = new Map<string, Cookie>();

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly base = publicUrl,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  async get(address: string): Promise<HttpAnswer> {
    return this.request('GET', address);
  }

  async post(
    address: string,
    form: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  ): Promise<HttpAnswer> {
    return this.request('POST', address, new URLSearchParams(form as Record<string, string>).toString());
  }

  /** Follows redirects within the server; stops at a page or at another site. */
  async follow(response: HttpAnswer): Promise<HttpAnswer> {
    let current = response;
    for (let hops = 0; hops < 10; hops += 1) {
      const { location } = current.headers;
      if (typeof location !== 'string' || !location.startsWith(this.base)) return current;
      current = await this.get(location);
    }
    throw new Error('too many redirects');
  }

  /** Fills the form of a page and presses one of its buttons; what is ticked stays so, save fields that are given. */
  async submit(
    page: HttpAnswer,
    fields: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<HttpAnswer> {
    const action = unescaped(/<form[^>]* action="([^"]*)"/.exec(page.body)?.[1] ?? '');
    const inputs = [...page.body.matchAll(/<input ([^>]*)>/g)]
      .map(([, input = '']) => input)
      .filter((input) => input.includes('type="hidden"') || input.endsWith(' checked'))
      .map((input) => [attribute(input, 'name'), attribute(input, 'value')] as const)
      .filter(([name]) => !Object.hasOwn(fields, name));
    const given = Object.entries(fields).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, value] as [string, string]),
    );
    return this.follow(await this.post(action, [...inputs, ...given]));
  }

  async signIn(page: HttpAnswer, username = 'alice', secret = password): Promise<HttpAnswer> {
    return this.submit(page, { username, password: secret, decision: 'login' });
  }

  private async request(method: 'GET' | 'POST', address: string, body?: string): Promise<HttpAnswer> {
    const url = new URL(address, this.base);
    const cookie = [...this.cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const response = await send(this.app, {
      method,
      url: url.pathname + url.search,
      headers: {
        accept: 'text/html',
        ...this.headers,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /; path=([^;]*)/i.exec(line)?.[1] ?? '/';
      const expires = /; expires=([^;]*)/i.exec(line)?.[1];
      if (expires !== undefined && Date.parse(expires) < Date.now()) this.cookies.delete(name);
      else this.cookies.set(name, { value, path });
    }
    return response;
  }
}

function attribute(element: string, name: string): string {
  const value = new RegExp(` ?${name}="([^"]*)"`).exec(element)?.[1] ?? '';
  return unescaped(value);
}

function unescaped(value: string): string {
  return value.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

export interface AuthorizationRequest {
  readonly verifier: string;
  readonly state: string;
  readonly address: string;
}

/** An authorization request with PKCE; undefined members are left out. */
export function authorizationRequest(
  parameters: Readonly<Record<string, string | undefined>>,
): AuthorizationRequest {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const query = new URLSearchParams();
  const all: Readonly<Record<string, string | undefined>> = {
    response_type: 'code',
    client_id: 'growth-app',
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) query.set(name, value);
  return { verifier, state, address: `${issuer}/authorize?${query.toString()}` };
}

/** Parameters of the redirect back to the client. */
export function answerOf(response: HttpAnswer): URLSearchParams {
  const { location } = response.headers;
  if (typeof location !== 'string') throw new Error(`no redirect: ${response.statusCode} ${response.body}`);
  return new URL(location).searchParams;
}

export async function postForm(
  app: NestFastifyApplication,
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  return send(app, {
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(form).toString(),
  });
}

export function basic(clientId: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

/** The whole way from the authorization request to the code. */
export async function codeFor(
  app: NestFastifyApplication,
  parameters: Readonly<Record<string, string | undefined>>,
  username = 'alice',
  browser = new Browser(app),
): Promise<{ code: string; verifier: string; browser: Browser }> {
  const request = authorizationRequest(parameters);
  let page = await browser.follow(await browser.get(request.address));
  if (page.body.includes('name="password"')) page = await browser.signIn(page, username);
  if (page.body.includes('value="allow"')) page = await browser.submit(page, { decision: 'allow' });
  const code = answerOf(page).get('code');
  if (code === null) throw new Error(`no code: ${String(page.headers.location)} ${page.body}`);
  return { code, verifier: request.verifier, browser };
}

export interface TokenResponse {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly token_type: string;
}

/** The whole way from the authorization request to the tokens of the public client. */
export async function tokensFor(
  app: NestFastifyApplication,
  parameters: Readonly<Record<string, string | undefined>>,
  username = 'alice',
  browser?: Browser,
): Promise<TokenResponse> {
  const { code, verifier } = await codeFor(app, parameters, username, browser);
  const response = await postForm(app, '/oauth2/token', {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
    client_id: parameters.client_id ?? 'growth-app',
  });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`);
  return response.json();
}
