import { createHash, randomBytes } from 'node:crypto';

/** What a person enters at the authorization server. */
export interface PersonInput {
  readonly username: string;
  readonly password: string;
  /** Presses the other button on the consent page. */
  readonly deny?: boolean;
  /** Where a patient is asked for: searches for this name and takes the first. */
  readonly patientName?: string;
}

export interface AuthorizationRequest {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly aud?: string;
  readonly extra?: Readonly<Record<string, string>>;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly patient?: string;
}

/** A person with a browser without script: keeps cookies, follows redirects, fills forms in. */
export class Person {
  private readonly cookies = new Map<string, string>();
  /** Every page that was shown, in order. */
  readonly pages: string[] = [];

  constructor(private readonly input: PersonInput) {}

  /** Goes through login and consent; resolves with the URL at the client that the server redirected to. */
  async visit(start: string, redirectUri: string): Promise<URL> {
    let answer = await this.request(start, { method: 'GET' });
    let url = start;
    for (let step = 0; step < 20; step += 1) {
      const location = answer.headers.get('location');
      if (location !== null) {
        const next = new URL(location, url);
        await answer.text();
        if (next.href.startsWith(redirectUri)) return next;
        url = next.href;
        answer = await this.request(url, { method: 'GET' });
        continue;
      }
      const page = await answer.text();
      this.pages.push(page);
      const form = parseForm(page);
      if (form === undefined) throw new Error(`${answer.status} at ${url}: ${page}`);
      const body = page.includes('name="birthDate"') ? this.choosePatient(form, page) : this.fillIn(form);
      const action = new URL(form.action, url).href;
      answer = await this.request(action, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: new URL(url).origin,
          referer: url,
        },
      });
      url = action;
    }
    throw new Error('The way through the pages does not end.');
  }

  private choosePatient(form: Form, page: string): string {
    const values = new URLSearchParams(form.hidden);
    const first = /name="patient" value="([^"]*)"/.exec(page)?.[1];
    if (first === undefined) {
      values.set('name', this.input.patientName ?? '');
      values.set('decision', 'search');
    } else values.set('patient', first);
    return values.toString();
  }

  private fillIn(form: Form): string {
    const values = new URLSearchParams(form.hidden);
    for (const field of form.fields) {
      if (field.type === 'password') values.set(field.name, this.input.password);
      else if (field.type === 'checkbox') {
        if (field.checked) values.append(field.name, field.value);
      } else values.set(field.name, this.input.username);
    }
    const wanted =
      this.input.deny === true
        ? /deny|cancel|abort|reject|refuse/i
        : /approve|allow|accept|consent|login|sign/i;
    const button =
      form.buttons.find(({ label, value }) => wanted.test(`${label} ${value}`)) ?? form.buttons[0];
    if (button?.name !== undefined) values.set(button.name, button.value);
    return values.toString();
  }

  private async request(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        ...(init.headers as Record<string, string> | undefined),
        accept: 'text/html',
        ...(cookie === '' ? {} : { cookie }),
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const equals = pair.indexOf('=');
      const expired = /expires=thu, 01 jan 1970/i.test(line);
      if (expired) this.cookies.delete(pair.slice(0, equals));
      else this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return answer;
  }
}

/** Authorization code with PKCE from end to end. `clientSecret`: a confidential client, by Basic. */
export async function authorize(
  request: AuthorizationRequest,
  person: Person,
  clientSecret?: string,
): Promise<TokenAnswer> {
  const { code, verifier } = await authorizationCode(request, person);
  const answer = await redeem(request, code, verifier, clientSecret);
  const body = (await answer.json()) as TokenAnswer;
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
  return body;
}

export async function authorizationCode(
  request: AuthorizationRequest,
  person: Person,
): Promise<{ code: string; verifier: string; returned: URL }> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const url = new URL(`${request.issuer}/authorize`);
  const parameters = {
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(request.aud === undefined ? {} : { aud: request.aud }),
    ...request.extra,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const returned = await person.visit(url.href, request.redirectUri);
  const code = returned.searchParams.get('code');
  if (code === null) throw new Error(`No code: ${returned.search}`);
  if (returned.searchParams.get('state') !== state) throw new Error('The state is another one.');
  if (returned.searchParams.get('iss') !== request.issuer) throw new Error('The issuer is another one.');
  return { code, verifier, returned };
}

export function redeem(
  request: AuthorizationRequest,
  code: string,
  verifier: string,
  clientSecret?: string,
): Promise<Response> {
  const basic = `Basic ${Buffer.from(`${request.clientId}:${clientSecret ?? ''}`).toString('base64')}`;
  return fetch(`${request.issuer}/token`, {
    method: 'POST',
    headers: clientSecret === undefined ? {} : { authorization: basic },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: request.redirectUri,
      code_verifier: verifier,
      ...(clientSecret === undefined ? { client_id: request.clientId } : {}),
    }),
  });
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly checked: boolean;
}

interface Form {
  readonly action: string;
  readonly hidden: [string, string][];
  readonly fields: readonly Field[];
  readonly buttons: readonly { readonly name?: string; readonly value: string; readonly label: string }[];
}

function parseForm(page: string): Form | undefined {
  const match = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(page);
  if (match === null) return undefined;
  const [, opening = '', content = ''] = match;
  const inputs = [...content.matchAll(/<input\b([^>]*)>/gi)].map(([, text = '']) => ({
    name: attribute(text, 'name') ?? '',
    type: attribute(text, 'type') ?? 'text',
    value: attribute(text, 'value') ?? 'on',
    checked: /\schecked\b/i.test(text),
  }));
  const buttons = [...content.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(
    ([, text = '', label = '']) => {
      const name = attribute(text, 'name');
      return { ...(name === undefined ? {} : { name }), value: attribute(text, 'value') ?? '', label };
    },
  );
  return {
    action: attribute(opening, 'action') ?? '',
    hidden: inputs.filter(({ type }) => type === 'hidden').map(({ name, value }) => [name, value]),
    fields: inputs.filter(({ type, name }) => name !== '' && !['hidden', 'submit', 'button'].includes(type)),
    buttons,
  };
}

function attribute(text: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(text);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value?.replace(
    /&#(x[0-9a-f]+|\d+);|&(amp|lt|gt|quot);/gi,
    (_all, code: string | undefined, name_: string | undefined) => {
      if (code !== undefined) return String.fromCodePoint(Number(code.startsWith('x') ? `0${code}` : code));
      return { amp: '&', lt: '<', gt: '>', quot: '"' }[name_ ?? ''] ?? '';
    },
  );
}
