import ipaddr from 'ipaddr.js';
import fastify from 'fastify';
import { loadSettings } from './load-settings.js';

const load = (environment: Record<string, string>) => loadSettings(environment, '/nowhere');

describe('FIREKEEP_TRUST_PROXY', () => {
  const accepted = [
    '10.0.0.1',
    '172.30.0.0/24',
    '10.0.0.0/255.0.0.0',
    '::1',
    'fd00::/8',
    '::ffff:10.0.0.1',
    'loopback',
    'linklocal, uniquelocal',
    '10.0.0.0/8,192.168.0.0/16,',
  ];
  it.each(accepted)('%s is taken, and Fastify takes it', (text) => {
    const trustProxy = [...load({ FIREKEEP_TRUST_PROXY: text }).get('trustProxy')];
    expect(trustProxy.length).toBeGreaterThan(0);
    expect(() => fastify({ trustProxy })).not.toThrow();
  });

  it.each([
    'true',
    '1',
    'proxy.example.org',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/0.0.0.0',
    '10.0.0.0/ffff',
    '10.0.0',
    'fe80::1%eth0',
    'fd00::/255.0.0.0',
    '10.0.0.1 10.0.0.2',
    '10.0.0.1, nonsense',
  ])('%s is refused in one line', (text) => {
    expect(() => load({ FIREKEEP_TRUST_PROXY: text })).toThrow(
      'FIREKEEP_TRUST_PROXY must be a list of addresses and networks such as 172.30.0.0/24.',
    );
  });
});

describe('every value is refused at load that a later use would refuse', () => {
  it.each([
    [{ FIREKEEP_HOST: 'http://localhost' }, /^FIREKEEP_HOST must be an address/],
    [{ FIREKEEP_HOST: '127.0.0.1:8080' }, /^FIREKEEP_HOST must be an address/],
    [{ FIREKEEP_HOST: '[::1]' }, /^FIREKEEP_HOST must be an address/],
    [{ FIREKEEP_HOST: '*' }, /^FIREKEEP_HOST must be an address/],
    [{ FIREKEEP_BODY_LIMIT: '0' }, /^FIREKEEP_BODY_LIMIT must be a size from 1 byte/],
    [{ FIREKEEP_BODY_LIMIT: '999999999GiB' }, /^FIREKEEP_BODY_LIMIT must be a size from 1 byte/],
    [{ FIREKEEP_AUDIT: 'write' }, /^FIREKEEP_AUDIT must be one of sign-ins/],
    [{ FIREKEEP_AUDIT: 'all' }, /^FIREKEEP_AUDIT .* administration, several by commas, or none alone\.$/],
    [{ FIREKEEP_AUDIT: 'none,writes' }, /^FIREKEEP_AUDIT must be one of sign-ins/],
    [
      { FIREKEEP_AUDIT_REPOSITORY: 'My audit' },
      /^FIREKEEP_AUDIT_REPOSITORY must be the name of a repository/,
    ],
    [
      { FIREKEEP_REGISTRATION_SCOPES: 'openid\nadmin' },
      /^FIREKEEP_REGISTRATION_SCOPES must be names of scopes/,
    ],
    [{ FIREKEEP_CLIENT_NETWORKS: '10.0.0.1' }, /^FIREKEEP_CLIENT_NETWORKS must be a list of networks/],
    [{ FIREKEEP_THEME_LOGO: 'https://' }, /^FIREKEEP_THEME_LOGO must be a file, or an address/],
    [
      { FIREKEEP_THEME_STYLESHEET: 'http://[x]/' },
      /^FIREKEEP_THEME_STYLESHEET must be a file, or an address/,
    ],
    [{ FIREKEEP_TIME_ZONE: 'Mars/Olympus' }, /^FIREKEEP_TIME_ZONE must be an IANA time zone/],
    [{ FIREKEEP_DATABASE_URL: 'sqlite: ' }, /^FIREKEEP_DATABASE_URL must be sqlite:<file>/],
    [{ FIREKEEP_DATABASE_URL: 'sqlite::memory:' }, /^FIREKEEP_DATABASE_URL must name a file/],
    [{ FIREKEEP_DATABASE_URL: 'mysql://db/?ssl=/x' }, /^FIREKEEP_DATABASE_URL must be sqlite:<file>/],
  ])('%j', (environment, message) => expect(() => load(environment)).toThrow(message));

  it.each([
    'mysql://user:topsecret#1@db/firekeep/x',
    'mysql://user:topsecret%@db/firekeep',
    'mysql://user:topsecret@db:99999/firekeep',
    'mysql://user:topsecret@db/fire%keep',
  ])('%s, without the password', (url) => {
    expect(() => load({ FIREKEEP_DATABASE_URL: url })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^FIREKEEP_DATABASE_URL must be (?!.*topsecret).*\.$/),
      }),
    );
  });

  it.each([
    ['FIREKEEP_HOST', 'host', '0.0.0.0'],
    ['FIREKEEP_HOST', 'host', '::'],
    ['FIREKEEP_HOST', 'host', 'fhir-1.example.org'],
    ['FIREKEEP_DATABASE_URL', 'databaseUrl', 'sqlite:./my data/db.sqlite'],
    ['FIREKEEP_DATABASE_URL', 'databaseUrl', 'mariadb://u:p%40%2F@[::1]:3307/firekeep?ssl=true'],
    ['FIREKEEP_DATABASE_URL', 'databaseUrl', 'mysql:///firekeep?socketPath=/run/mysqld/mysqld.sock'],
    ['FIREKEEP_AUDIT_REPOSITORY', 'auditRepository', 'audit-2'],
    ['FIREKEEP_REGISTRATION_SCOPES', 'registrationScopes', 'openid user/*.rs patient/Observation.rs?a=b'],
    ['FIREKEEP_THEME_LOGO', 'themeLogo', './logo.svg'],
    ['FIREKEEP_THEME_LOGO', 'themeLogo', 'https://cdn.example.org/logo.svg?v=2'],
  ] as const)('%s takes %s %s', (name, key, value) => {
    expect(load({ [name]: value }).get(key)).toBe(value);
  });

  it('and networks as they are parsed', () => {
    const networks = load({ FIREKEEP_CLIENT_NETWORKS: '10.0.0.0/8, ::1/128' }).get('clientNetworks');
    expect(networks.map((network) => ipaddr.parseCIDR(network))).toHaveLength(2);
  });
});
