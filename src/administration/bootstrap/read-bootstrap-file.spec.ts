import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBootstrapFile, readBootstrapFile } from './read-bootstrap-file.js';

const variables: Record<string, string> = {
  ALICE_PASSWORD: 'from: the "environment"',
  HOST: 'as.example.org',
  EMPTY: '',
  BLANK: ' ',
};
const parse = (text: string) => parseBootstrapFile(text, (name) => variables[name], 'test.yaml');

describe('bootstrap file', () => {
  test('every section of the documented format is read', () => {
    const file = parse(`
users:
  - username: alice
    password: \${ALICE_PASSWORD}
    roles: [practitioner]
    fhirUser: Practitioner/alice
clients:
  - clientId: growth-app
    tokenEndpointAuthMethod: none
    redirectUris: [http://localhost:9000/callback, "https://\${HOST}/cb"]
    grantTypes: [authorization_code, refresh_token]
    pkceRequired: true
tlsConfigurations:
  - name: hospital
    caFile: /run/secrets/ca.pem
    minVersion: TLSv1.3
serverDescriptions:
  - issuer: https://\${HOST}/oauth2
    tls: hospital
    initialAccessToken: \${ALICE_PASSWORD}
clientConfigurations:
  - applicationName: FHIRResource
    issuer: https://as.example.org/oauth2
    clientType: resource_server
endpoints:
  - path: /fhir/r4
    repository: default
    checks: bearer
    oauthClientName: FHIRResource
    accessTokenLifetime: 600
roles:
  - name: nurse
    rules: [{ types: [Patient], interactions: rs }]
`);
    expect(file).toEqual({
      roles: [{ name: 'nurse', rules: [{ types: ['Patient'], interactions: 'rs' }] }],
      users: [
        {
          username: 'alice',
          password: 'from: the "environment"',
          roles: ['practitioner'],
          fhirUser: 'Practitioner/alice',
        },
      ],
      clients: [
        {
          clientId: 'growth-app',
          tokenEndpointAuthMethod: 'none',
          redirectUris: ['http://localhost:9000/callback', 'https://as.example.org/cb'],
          grantTypes: ['authorization_code', 'refresh_token'],
          pkceRequired: true,
        },
      ],
      tlsConfigurations: [{ name: 'hospital', caFile: '/run/secrets/ca.pem', minVersion: 'TLSv1.3' }],
      serverDescriptions: [
        {
          issuer: 'https://as.example.org/oauth2',
          tls: 'hospital',
          initialAccessToken: 'from: the "environment"',
        },
      ],
      clientConfigurations: [
        {
          applicationName: 'FHIRResource',
          issuer: 'https://as.example.org/oauth2',
          clientType: 'resource_server',
        },
      ],
      endpoints: [
        {
          path: '/fhir/r4',
          repository: 'default',
          checkMode: 'bearer',
          oauthClientName: 'FHIRResource',
          accessTokenLifetime: 600,
        },
      ],
    });
  });

  test.each(['', '# nothing', 'users:', 'users: []'])('%j is an empty file', (text) => {
    expect(Object.values(parse(text)).flat()).toEqual([]);
  });

  test('a variable holds text and never YAML, and $${ is ${ itself', () => {
    expect(
      parse('users: [{ username: a, password: "x$${ALICE_PASSWORD}${EMPTY}$5" }]').users[0]?.password,
    ).toBe('x${ALICE_PASSWORD}$5');
  });

  test.each([
    ['users: [{ username: a, pasword: x }]', 'users[0].pasword'],
    ['users: [{ username: a, __proto__: x }]', 'users[0].__proto__'],
    ['user: []', 'user'],
    ['constructor: []', 'constructor'],
    ['roles: [{ rules: [] }]', 'roles[0].name'],
    ['roles: [{ name: nurse, rules: all }]', 'roles[0].rules'],
    ['roles: [{ name: nurse, rules: [all] }]', 'roles[0].rules'],
    ['users: { username: a }', 'users'],
    ['users: [a]', 'users[0]'],
    ['users: [{ password: x }]', 'users[0].username'],
    ['users: [{ username: 1 }]', 'users[0].username'],
    ['users: [{ username: a, enabled: "true" }]', 'users[0].enabled'],
    ['users: [{ username: a, roles: admin }]', 'users[0].roles'],
    ['users: [{ username: a, roles: [1] }]', 'users[0].roles[0]'],
    ['users: [{ username: a, password: }]', 'users[0].password'],
    ['users: [{ username: a, password: "${MISSING}" }]', 'users[0].password'],
    ['users: [{ username: a, password: "${EMPTY}" }]', 'users[0].password'],
    ['users: [{ username: a, password: "${EMPTY}${BLANK}" }]', 'users[0].password'],
    ['clients: [{ clientId: a, redirectUris: ["${EMPTY}"] }]', 'clients[0].redirectUris[0]'],
    ['clients: [{ clientId: a, metadata: { contact: "${EMPTY}" } }]', 'clients[0].metadata.contact'],
    ['users: [{ username: a, password: "${no name}" }]', 'users[0].password'],
    ['users: [{ username: a }, { username: a }]', 'users[1].username'],
    ['clients: [{ clientId: a, jwks: text }]', 'clients[0].jwks'],
    ['endpoints: [{ path: /x }]', 'endpoints[0].checks'],
    ['endpoints: [{ path: /x, checkMode: bearer }]', 'endpoints[0].checkMode'],
  ])('%s is refused with its path', (text, path) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'BOOTSTRAP_INVALID',
        issues: expect.arrayContaining([expect.objectContaining({ expression: path })]),
      }),
    );
  });

  test('the message names the missing variable and the file, all problems together', () => {
    expect(() => parse('users: [{ username: a, password: "${MISSING}" }]\nextra: 1')).toThrow(
      /^test\.yaml: users\[0\]\.password: The environment has no MISSING\. extra: /,
    );
  });

  test('the message names an empty variable; an empty text that the file itself has is for the rules', () => {
    expect(() => parse('users: [{ username: a, password: "${EMPTY}" }]')).toThrow(
      'test.yaml: users[0].password: The environment has nothing in EMPTY.',
    );
    expect(parse('users: [{ username: a, password: "" }]').users[0]?.password).toBe('');
  });

  test.each(['users: [', 'a: 1\na: 2', '- users', 'text', '*unknown', 'a: &a [*a]'])(
    '%j is refused without a quotation of the file',
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'BOOTSTRAP_INVALID' }));
    },
  );

  test('what stands beside a grammar error is not repeated, since it may be a secret', () => {
    expect(() => parse('users:\n  - username: a\n    password: "hush" hush\n')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hush') }),
    );
  });

  test('a cascade of aliases is refused', () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [x, x]'
        : `l${level}: &l${level} [*l${level - 1}, *l${level - 1}, *l${level - 1}]`,
    );
    expect(() => parse(levels.join('\n'))).toThrow(expect.objectContaining({ code: 'BOOTSTRAP_INVALID' }));
  });

  test('a file that is not there is named', () => {
    expect(() => readBootstrapFile('/nowhere/bootstrap.yaml', () => undefined)).toThrow(
      /FIREKEEP_BOOTSTRAP_FILE names \/nowhere\/bootstrap\.yaml, which can't be read \(ENOENT\)/,
    );
    const file = join(mkdtempSync(join(tmpdir(), 'firekeep-')), 'large.yaml');
    writeFileSync(file, `# ${'x'.repeat(4 * 2 ** 20)}`);
    expect(() => readBootstrapFile(file, () => undefined)).toThrow(/larger than 4 MiB/);
  });
});
