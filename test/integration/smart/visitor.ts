import { createHash, randomBytes } from 'node:crypto';
import { redirectUri } from '../access/application.js';

export interface Shown {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  /** Where the server led to behind it: at the client. */
  readonly returned: URL | undefined;
}

export interface Tokens extends Readonly<Record<string, unknown>> {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly patient?: string;
  readonly encounter?: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** A browser without script at a server that listens: cookies by path, redirects, forms. */
export class Visitor {
  private readonly cookies = new Map<string, Cookie>();
  /** By state, since several requests may be under way. */
  private readonly verifiers = new Map<string, string>();

  constructor(
    private readonly server: string,
    private readonly clientId: string,
  ) {}

  /** Begins an authorization request of the client. */
  authorize(parameters: Readonly<Record<string, string | undefined>>): Promise<Shown> {
    return this.open('GET', this.requestOf(parameters).href);
  }

  /** The same, pushed to the server before (RFC 9126). */
  async authorizeByReference(parameters: Readonly<Record<string, string | undefined>>): Promise<Shown> {
    const { searchParams } = this.requestOf(parameters);
    const answer = await fetch(`${this.server}/oauth2/par`, { method: 'POST', body: searchParams });
    const { request_uri: requestUri = '' } = (await answer.json()) as Record<string, string>;
    const reference = new URLSearchParams({ client_id: this.clientId, request_uri: requestUri });
    return this.open('GET', `${this.server}/oauth2/authorize?${reference.toString()}`);
  }

  private requestOf(parameters: Readonly<Record<string, string | undefined>>): URL {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(8).toString('hex');
    this.verifiers.set(state, verifier);
    const url = new URL(`${this.server}/oauth2/authorize`);
    const all: Readonly<Record<string, string | undefined>> = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: redirectUri,
      state,
      aud: `${this.server}/fhir/r4`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    };
    for (const [name, value] of Object.entries(all)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  get(address: string): Promise<Shown> {
    return this.open('GET', address);
  }

  /** Fills in a form of a page, the last one where it isn't said, leaves ticks as they are, and presses a button of it. */
  submit(page: Shown, fields: Readonly<Record<string, string>>, form = -1): Promise<Shown> {
    const forms = [...page.body.matchAll(/<form\b[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
    const [, action = '', content = ''] = forms.at(form) ?? [];
    const hidden = content.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
    const ticked = content.matchAll(
      /<input type="checkbox" id="[^"]*" name="([^"]*)" value="([^"]*)" checked>/g,
    );
    const values = new URLSearchParams(
      [...hidden, ...ticked].map(([, name = '', value = '']): [string, string] => [name, value]),
    );
    for (const [name, value] of Object.entries(fields)) values.set(name, value);
    return this.post(new URL(action, page.url).href, values);
  }

  post(address: string, values: URLSearchParams): Promise<Shown> {
    return this.open('POST', address, values.toString());
  }

  signIn(page: Shown, username: string, password: string): Promise<Shown> {
    return this.submit(page, { username, password, decision: 'login' });
  }

  async tokens(page: Shown, more: Readonly<Record<string, string>> = {}): Promise<Tokens> {
    const code = page.returned?.searchParams.get('code');
    if (code == null) throw new Error(`No code: ${page.returned?.href ?? ''} ${page.status} ${page.body}`);
    const answer = await this.token({
      grant_type: 'authorization_code',
      code,
      code_verifier: this.verifiers.get(page.returned?.searchParams.get('state') ?? '') ?? '',
      redirect_uri: redirectUri,
      ...more,
    });
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Tokens;
  }

  token(form: Readonly<Record<string, string>>): Promise<Response> {
    return fetch(`${this.server}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: this.clientId, ...form }),
    });
  }

  private async open(method: 'GET' | 'POST', address: string, body?: string): Promise<Shown> {
    let answer = await this.request(method, address, body);
    let url = address;
    for (let hops = 0; hops < 10; hops += 1) {
      const location = answer.headers.get('location');
      const text = await answer.text();
      const shown = { status: answer.status, url, headers: answer.headers, body: text };
      if (location === null) return { ...shown, returned: undefined };
      const next = new URL(location, url);
      if (!next.href.startsWith(this.server)) return { ...shown, returned: next };
      url = next.href;
      answer = await this.request('GET', url);
    }
    throw new Error('too many redirects');
  }

  private async request(method: 'GET' | 'POST', address: string, body?: string): Promise<Response> {
    const { pathname } = new URL(address);
    const cookie = [...this.cookies.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const answer = await fetch(address, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attributes.find((text) => text.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
      if (attributes.some((text) => /^expires=thu, 01 jan 1970/i.test(text)))
        this.cookies.delete(`${name} ${path}`);
      else this.cookies.set(`${name} ${path}`, { name, value, path });
    }
    return answer;
  }
}
