import { auditKinds, type AuditKind } from './audit-kinds.js';
import { defaultDataDirectory, defaultDatabaseUrl } from './default-database.js';
import { databaseUrl, fileOrUrl, httpUrl, redirectRule, smartStyle } from './parsers/addresses.js';
import { boolean, oneOf } from './parsers/choices.js';
import { list, listOf, someOf } from './parsers/lists.js';
import { host, network, trustedProxy } from './parsers/networks.js';
import { byteSize, integer } from './parsers/numbers.js';
import { productName, repositoryName, scopeTokens, secretKey, text, timeZone } from './parsers/strings.js';
import type { SettingDefinition } from './setting-definition.js';

function define<T>(definition: SettingDefinition<T>): SettingDefinition<T> {
  return definition;
}

/** Every setting. The README's table and the unknown-name check come from here. */
export const settingDefinitions = {
  port: define({
    env: 'FIREKEEP_PORT',
    description: 'Port to listen on; 0 takes a free one.',
    defaultText: '8080',
    default: 8080,
    parse: integer(0, 65535),
  }),
  host: define({
    env: 'FIREKEEP_HOST',
    description: 'Address to listen on.',
    defaultText: '127.0.0.1',
    default: '127.0.0.1',
    parse: host,
  }),
  publicUrl: define({
    env: 'FIREKEEP_PUBLIC_URL',
    description: 'Base of every address that is written out; never taken from the Host header.',
    defaultText: 'http://localhost:<port>',
    default: undefined as string | undefined,
    parse: httpUrl,
  }),
  databaseUrl: define({
    env: 'FIREKEEP_DATABASE_URL',
    description:
      '`sqlite:<file>` or `mysql://user:password@host:port/database` (MySQL 8.0 or newer, MariaDB 10.11 or newer).',
    defaultText: 'sqlite:<data directory>/firekeep.sqlite',
    secret: true,
    default: defaultDatabaseUrl(defaultDataDirectory),
    parse: databaseUrl,
  }),
  databasePoolSize: define({
    env: 'FIREKEEP_DATABASE_POOL_SIZE',
    description:
      'Connections to MySQL of one process, for reads and administration; up to eight more write resources.',
    defaultText: '10',
    default: 10,
    parse: integer(2, 200),
  }),
  dataDirectory: define({
    env: 'FIREKEEP_DATA_DIRECTORY',
    description:
      'Where the SQLite database, the generated secret key and the one-time password file are kept.',
    defaultText: defaultDataDirectory,
    default: defaultDataDirectory,
    parse: text,
  }),
  adminUsername: define({
    env: 'FIREKEEP_ADMIN_USERNAME',
    description: 'Name of the administrator that the first start creates.',
    defaultText: 'admin',
    default: 'admin',
    parse: text,
  }),
  adminPassword: define({
    env: 'FIREKEEP_ADMIN_PASSWORD',
    description: 'Password of that administrator; one is generated where none is given.',
    defaultText: 'generated',
    secret: true,
    default: undefined as string | undefined,
    parse: text,
  }),
  secretKey: define({
    env: 'FIREKEEP_SECRET_KEY',
    description: '32 bytes in base64; encrypts stored keys and secrets. Required on MySQL.',
    defaultText: 'generated into the data directory on SQLite',
    secret: true,
    default: undefined as string | undefined,
    parse: secretKey,
  }),
  workers: define({
    env: 'FIREKEEP_WORKERS',
    description: 'Processes that share the port; always 1 on SQLite.',
    defaultText: '1 on SQLite, one a core on MySQL',
    default: undefined as number | undefined,
    parse: integer(1, 64),
  }),
  trustProxy: define({
    env: 'FIREKEEP_TRUST_PROXY',
    description:
      'Addresses and networks (CIDR), by commas, of reverse proxies whose X-Forwarded-* headers are believed.',
    defaultText: 'none',
    default: [] as readonly string[],
    parse: listOf('none', trustedProxy),
  }),
  role: define({
    env: 'FIREKEEP_ROLE',
    description: '`both`, `authorization-server` (no FHIR) or `resource-server` (no OAuth2 endpoints).',
    defaultText: 'both',
    default: 'both',
    parse: oneOf('both', 'authorization-server', 'resource-server'),
  }),
  bootstrapFile: define({
    env: 'FIREKEEP_BOOTSTRAP_FILE',
    description: 'YAML file with roles, users, clients, trust and endpoints, applied at every start.',
    defaultText: 'none',
    default: undefined as string | undefined,
    parse: text,
  }),
  allowOpen: define({
    env: 'FIREKEEP_ALLOW_OPEN',
    description: 'Whether endpoints with check mode `open` answer.',
    defaultText: 'false',
    default: false,
    parse: boolean,
  }),
  bodyLimit: define({
    env: 'FIREKEEP_BODY_LIMIT',
    description: 'Largest request body on FHIR endpoints.',
    defaultText: '64MiB',
    default: 64 * 2 ** 20,
    parse: byteSize,
  }),
  updateCreate: define({
    env: 'FIREKEEP_UPDATE_CREATE',
    description: 'Whether an update creates a resource under an id that there has never been.',
    defaultText: 'true',
    default: true,
    parse: boolean,
  }),
  conditionalDeleteMultiple: define({
    env: 'FIREKEEP_CONDITIONAL_DELETE_MULTIPLE',
    description:
      'Whether a conditional delete deletes all of several matches (1,000 at the most); if not, it is refused.',
    defaultText: 'false',
    default: false,
    parse: boolean,
  }),
  logLevel: define({
    env: 'FIREKEEP_LOG_LEVEL',
    description: '`trace`, `debug`, `info`, `warn`, `error` or `silent`.',
    defaultText: 'info',
    default: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  }),
  registration: define({
    env: 'FIREKEEP_REGISTRATION',
    description: 'Who may register clients dynamically: `initial-access-token`, `open` or `off`.',
    defaultText: 'initial-access-token',
    default: 'initial-access-token',
    parse: oneOf('initial-access-token', 'open', 'off'),
  }),
  registrationScopes: define({
    env: 'FIREKEEP_REGISTRATION_SCOPES',
    description:
      'Scopes, by spaces, that a client may register for dynamically where its initial access token has no bound of its own.',
    defaultText: 'all but `system/` and `admin`',
    default: undefined as string | undefined,
    parse: scopeTokens,
  }),
  registrationRedirects: define({
    env: 'FIREKEEP_REGISTRATION_REDIRECTS',
    description:
      'Where redirect URIs of clients that register dynamically may lead, by commas: hosts (`app.example.org`, `*.example.org`), schemes of installed applications (`org.example.app:`), `loopback`.',
    defaultText: 'anywhere',
    default: [] as readonly string[],
    parse: listOf('anywhere', redirectRule),
  }),
  clientNetworks: define({
    env: 'FIREKEEP_CLIENT_NETWORKS',
    description:
      'CIDR list of private networks that addresses given by clients (`jwks_uri`, `backchannel_logout_uri`) may lead to; one of loopback allows plain http there.',
    defaultText: 'none',
    default: [] as readonly string[],
    parse: listOf('none', network),
  }),
  dpopNonce: define({
    env: 'FIREKEEP_DPOP_NONCE',
    description:
      'Whether proofs of possession (DPoP) must carry a nonce of this server, at the token endpoint and at FHIR endpoints.',
    defaultText: 'false',
    default: false,
    parse: boolean,
  }),
  themeName: define({
    env: 'FIREKEEP_THEME_NAME',
    description: 'Name of the product on the pages of the authorization server.',
    defaultText: 'Firekeep',
    default: 'Firekeep',
    parse: productName,
  }),
  themeLogo: define({
    env: 'FIREKEEP_THEME_LOGO',
    description:
      'Logo of these pages, instead of the name: a file or an address from which the server fetches it; PNG, JPEG, WebP or SVG, 256 KiB at the most.',
    defaultText: 'none',
    default: undefined as string | undefined,
    parse: fileOrUrl,
  }),
  themeStylesheet: define({
    env: 'FIREKEEP_THEME_STYLESHEET',
    description:
      'Stylesheet of these pages, which comes behind their own: a file or an address, 64 KiB at the most.',
    defaultText: 'none',
    default: undefined as string | undefined,
    parse: fileOrUrl,
  }),
  smartStyle: define({
    env: 'FIREKEEP_SMART_STYLE',
    description:
      '`smart_style_url` of token responses, where a launch names no other: a JSON file with the style of SMART App Launch, which is served then, or an address that apps are told.',
    defaultText: 'none',
    default: undefined as string | undefined,
    parse: smartStyle,
  }),
  timeZone: define({
    env: 'FIREKEEP_TIME_ZONE',
    description: 'Zone of dates without an offset, in index and query alike.',
    defaultText: 'UTC',
    default: 'UTC',
    parse: timeZone,
  }),
  textIndex: define<'all' | 'narrative' | 'none'>({
    env: 'FIREKEEP_TEXT_INDEX',
    description:
      'Words that are indexed: `all` (`_text` and `_content`), `narrative` (`_text`), `none`. After a change: re-index.',
    defaultText: 'all',
    default: 'all',
    parse: oneOf('all', 'narrative', 'none'),
  }),
  compression: define({
    env: 'FIREKEEP_COMPRESSION',
    description:
      'Whether FHIR answers are compressed (gzip, br) for clients that accept it; `false` where a proxy does it.',
    defaultText: 'true',
    default: true,
    parse: boolean,
  }),
  validation: define<'off' | 'structure' | 'full'>({
    env: 'FIREKEEP_VALIDATION',
    description:
      'What is checked of a resource before it is stored: `full` (all that FHIR R4 defines), `structure` (without the invariants) or `off`.',
    defaultText: 'full',
    default: 'full',
    parse: oneOf('off', 'structure', 'full'),
  }),
  patchValues: define({
    env: 'FIREKEEP_PATCH_VALUES',
    description:
      'JSON values that one patch may look at in the resource; one that it copies counts as four. About 0.1 µs each, while nothing else is answered.',
    defaultText: '500000',
    default: 500_000,
    parse: integer(1_000, 100_000_000),
  }),
  profileSteps: define({
    env: 'FIREKEEP_PROFILE_STEPS',
    description:
      'Steps that one validation against profiles may take, whoever defined them: about 0.1 µs each, while nothing else is answered.',
    defaultText: '500000',
    default: 500_000,
    parse: integer(10_000, 100_000_000),
  }),
  patternSteps: define({
    env: 'FIREKEEP_PATTERN_STEPS',
    description:
      'Steps that the regular expressions of one value set may take: about 0.1 µs each, with pauses for other requests.',
    defaultText: '10000000',
    default: 10_000_000,
    parse: integer(10_000, 1_000_000_000),
  }),
  extensions: define({
    env: 'FIREKEEP_EXTENSIONS',
    description:
      'Extensions to load, by commas: files (`./dist/clinic.module.js`) or packages that export Nest modules; for the server and the command line alike.',
    defaultText: 'none',
    default: [] as readonly string[],
    parse: list('none'),
  }),
  hookTimeout: define({
    env: 'FIREKEEP_HOOK_TIMEOUT',
    description: 'Seconds that a hook, check or claim of an extension may take.',
    defaultText: '5',
    default: 5,
    parse: integer(1, 60),
  }),
  trustedTokenLifetime: define({
    env: 'FIREKEEP_TRUSTED_TOKEN_LIFETIME',
    description:
      'Seconds that a JWT access token of another authorization server may be good for from now on (`exp`); what is good for longer is refused.',
    defaultText: '86400',
    default: 86_400,
    parse: integer(60, 31_536_000),
  }),
  refusalRetentionDays: define({
    env: 'FIREKEEP_REFUSAL_RETENTION_DAYS',
    description: 'Days that an explained refusal is kept.',
    defaultText: '30',
    default: 30,
    parse: integer(1, 3650),
  }),
  refusalCapacity: define({
    env: 'FIREKEEP_REFUSAL_CAPACITY',
    description: 'Refusals kept at the most; the oldest go first.',
    defaultText: '10000',
    default: 10_000,
    parse: integer(100, 1_000_000),
  }),
  audit: define<readonly AuditKind[]>({
    env: 'FIREKEEP_AUDIT',
    description:
      'What is recorded as AuditEvents: `sign-ins`, `grants` (tokens, approvals, revocations), `refusals`, `writes`, `reads` (searches too), `administration`; or `none`.',
    defaultText: 'all but reads',
    default: auditKinds.filter((kind) => kind !== 'reads'),
    parse: someOf('none', ...auditKinds),
  }),
  auditSynchronous: define({
    env: 'FIREKEEP_AUDIT_SYNCHRONOUS',
    description:
      'Whether a read is answered only once its AuditEvent is stored; if not, that happens within a second.',
    defaultText: 'false',
    default: false,
    parse: boolean,
  }),
  auditRepository: define({
    env: 'FIREKEEP_AUDIT_REPOSITORY',
    description:
      'Repository of the AuditEvents that belong to none: sign-ins, tokens, refusals, administration.',
    defaultText: 'default',
    default: 'default',
    parse: repositoryName,
  }),
  auditRetentionDays: define({
    env: 'FIREKEEP_AUDIT_RETENTION_DAYS',
    description: 'Days after which AuditEvents are removed for good; 0: never.',
    defaultText: '3650',
    default: 3650,
    parse: integer(0, 36_500),
  }),
  referentialIntegrity: define({
    env: 'FIREKEEP_REFERENTIAL_INTEGRITY',
    description:
      'Whether references to resources of the repository must lead somewhere: refuses dangling ones, and deletions of what is referenced.',
    defaultText: 'false',
    default: false,
    parse: boolean,
  }),
  bundleEntries: define({
    env: 'FIREKEEP_BUNDLE_ENTRIES',
    description: 'Entries that a batch or transaction may have.',
    defaultText: '10000',
    default: 10_000,
    parse: integer(1, 1_000_000),
  }),
  indexRows: define({
    env: 'FIREKEEP_INDEX_ROWS',
    description: 'Rows that one resource may have in the search index.',
    defaultText: '20000',
    default: 20_000,
    parse: integer(100, 1_000_000),
  }),
  maximumCount: define({
    env: 'FIREKEEP_MAXIMUM_COUNT',
    description: 'Entries of one page of a search or history; a larger `_count` is brought down to it.',
    defaultText: '1000',
    default: 1000,
    parse: integer(1, 10_000),
  }),
  everythingProvenance: define({
    env: 'FIREKEEP_EVERYTHING_PROVENANCE',
    description:
      'Whether `$everything` brings along the Provenance of the resources of a record; `false`: only what names the patient.',
    defaultText: 'true',
    default: true,
    parse: boolean,
  }),
  maximumIncluded: define({
    env: 'FIREKEEP_MAXIMUM_INCLUDED',
    description: 'Resources that `_include` and `_revinclude` may add to one page of a search.',
    defaultText: '1000',
    default: 1000,
    parse: integer(0, 10_000),
  }),
  reindexLoad: define({
    env: 'FIREKEEP_REINDEX_LOAD',
    description:
      'Share of the time, in percent, that a re-index works; the rest is left to others. 100: without a pause.',
    defaultText: '50',
    default: 50,
    parse: integer(1, 100),
  }),
  requestTimeout: define({
    env: 'FIREKEEP_REQUEST_TIMEOUT',
    description:
      'Seconds after which a batch or transaction, or a write that still waits, is given up with 503 and nothing half done.',
    defaultText: '60',
    default: 60,
    parse: integer(1, 3600),
  }),
  writesInFlight: define({
    env: 'FIREKEEP_WRITES_IN_FLIGHT',
    description: 'Writes that one process takes at once; more are answered 429 with Retry-After.',
    defaultText: '4096',
    default: 4096,
    parse: integer(1, 100_000),
  }),
  searchTimeout: define({
    env: 'FIREKEEP_SEARCH_TIMEOUT',
    description: 'Milliseconds after which a statement of a search or history is stopped, with 422.',
    defaultText: '10000 on MySQL, 3000 on SQLite',
    default: undefined as number | undefined,
    parse: integer(10, 600_000),
  }),
  criteriaTimeout: define({
    env: 'FIREKEEP_CRITERIA_TIMEOUT',
    description: 'The same for criteria of conditional interactions, while which other writes wait.',
    defaultText: '3000 on MySQL, 2000 on SQLite',
    default: undefined as number | undefined,
    parse: integer(10, 600_000),
  }),
  longSearches: define({
    env: 'FIREKEEP_LONG_SEARCHES',
    description:
      'Searches at once that take long, in one process; more wait for two seconds and are then answered 503 with Retry-After. On SQLite each has a thread.',
    defaultText: '2',
    default: 2,
    parse: integer(1, 64),
  }),
  shutdownTimeout: define({
    env: 'FIREKEEP_SHUTDOWN_TIMEOUT',
    description: 'Seconds that a shutdown waits for accepted requests.',
    defaultText: '30',
    default: 30,
    parse: integer(1, 600),
  }),
} as const;

type Definitions = typeof settingDefinitions;
export type SettingKey = keyof Definitions;
export type SettingValues = {
  readonly [K in SettingKey]: Definitions[K] extends SettingDefinition<infer T> ? T : never;
};
