import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { HttpFront, takeOutAccessToken } from './http-front.js';
import { requestContext } from './request-context.js';

const request = (url: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ url, headers }) as unknown as IncomingMessage;

describe('the access token in a URL', () => {
  it.each([
    ['/a?access_token=t', '/a', ['t']],
    ['/a?access_token=t&b=1', '/a?b=1', ['t']],
    ['/a?b=1&access_token=t', '/a?b=1', ['t']],
    ['/a?access_token=', '/a', ['']],
    ['/a?access_token', '/a', ['']],
    ['/a?access_token=t&access_token=u', '/a', ['t', 'u']],
    ['/a?access%5Ftoken=t', '/a', ['t']],
    ['/a?%61ccess_token=t%2Bu', '/a', ['t+u']],
    ['/a?access_token=a=b', '/a', ['a=b']],
    ['/a?xaccess_token=t', '/a?xaccess_token=t', []],
    ['/a?b=access_token', '/a?b=access_token', []],
    ['/access_token=t', '/access_token=t', []],
  ])('of %s is taken out', (url, rest, tokens) =>
    expect(takeOutAccessToken(url)).toEqual({ url: rest, tokens }),
  );

  it('never stays behind, however its name is encoded', () => {
    const encoded = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }).map((flags) =>
      Array.from('access_token')
        .map((letter, index) => (flags[index] === true ? `%${letter.charCodeAt(0).toString(16)}` : letter))
        .join(''),
    );
    fc.assert(
      fc.property(encoded, fc.constantFrom('', 'x=1&', '%zz&', 'a%26b=c&'), (name, before) => {
        const { url, tokens } = takeOutAccessToken(`/p?${before}${name}=SECRET`);
        expect(url).not.toContain('SECRET');
        expect(tokens).toEqual(['SECRET']);
      }),
    );
  });
});

describe('the HTTP front', () => {
  it('lets nobody name an inside path', () => {
    const front = new HttpFront();
    front.add((url) => (url.startsWith('/fhir/') ? `/@fhir${url.slice(5)}` : undefined));
    expect(front.rewrite(request('/fhir/Patient'))).toBe('/@fhir/Patient');
    for (const url of ['/@fhir/Patient', '/%40fhir/Patient', '//@fhir/Patient', '/@FHIR/Patient']) {
      expect(front.rewrite(request(url))).toBe('/@none');
    }
  });

  it('leaves nothing of a fragment, which no request has', () => {
    const incoming = request('/fhir/r4/Patient?a=1#access_token=SECRET');
    expect(new HttpFront().rewrite(incoming)).toBe('/fhir/r4/Patient?a=1');
    expect(requestContext(incoming).url).toBe('/fhir/r4/Patient?a=1');
  });

  it('takes a request id that is well formed, and makes its own otherwise', () => {
    const id = (given: string): string => {
      const incoming = request('/', { 'x-request-id': given });
      new HttpFront().rewrite(incoming);
      return requestContext(incoming).requestId;
    };
    expect(id('trace-12345')).toBe('trace-12345');
    expect(id('a b\nc')).toMatch(/^[0-9a-f-]{36}$/);
    expect(id('x'.repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('handles a request once, so that a token is not lost', () => {
    const front = new HttpFront();
    const incoming = request('/a?access_token=t');
    front.receive(incoming);
    front.rewrite(incoming);
    expect(requestContext(incoming).queryTokens).toEqual(['t']);
  });
});
