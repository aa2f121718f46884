/** The module table of docs/architecture.md: what each module may import, and only through its index. */
const modules = {
  platform: [],
  users: ['platform'],
  clients: ['platform', 'users'],
  endpoints: ['platform', 'access/contract'],
  oauth2: ['platform', 'users', 'clients', 'endpoints', 'access/contract'],
  trust: ['platform', 'clients', 'endpoints', 'access/contract'],
  fhir: ['platform', 'endpoints', 'access/contract'],
  smart: ['platform', 'access/contract', 'oauth2', 'trust', 'fhir', 'users', 'clients', 'endpoints'],
  access: ['platform', 'access/contract', 'users', 'clients', 'trust', 'endpoints'],
  documentation: ['platform', 'clients', 'endpoints', 'oauth2', 'trust', 'fhir', 'access/contract'],
  administration: [
    'platform',
    'users',
    'clients',
    'endpoints',
    'oauth2',
    'trust',
    'fhir',
    'smart',
    'access',
    'access/contract',
  ],
  audit: ['platform', 'access/contract', 'access', 'oauth2', 'fhir', 'administration'],
};

const escape = (text) => text.replace('/', '\\/');
const folderOf = (name) =>
  name === 'access/contract' ? '^src/access/contract\\.ts$' : `^src/${escape(name)}/`;
const entryOf = (name) =>
  name === 'access/contract' ? '^src/access/contract\\.ts$' : `^src/${escape(name)}/index\\.ts$`;
/** Platform is a set of small modules, each with its own entry. */
const platformEntry = '^src/platform/([^/]+/index|platform\\.module)\\.ts$';

const rules = Object.entries(modules).flatMap(([name, allowed]) => [
  {
    name: `${name}-imports`,
    comment: `${name} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}.`,
    severity: 'error',
    from: { path: folderOf(name), pathNot: '\\.spec\\.ts$' },
    to: {
      path: '^(src|migrations)/',
      pathNot: [
        folderOf(name),
        ...allowed.map((other) => (other === 'platform' ? platformEntry : entryOf(other))),
      ],
    },
  },
]);

module.exports = {
  forbidden: [
    ...rules,
    {
      name: 'no-cycles',
      comment: 'A cycle of injected classes passes tests and crashes the compiled ESM.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'extensions-by-their-api',
      comment: 'What an extension may use is what src/index.ts exports.',
      severity: 'error',
      from: { path: '^examples/extension/' },
      to: { path: '^(src|migrations|test|dist)/', pathNot: '^(src/index\\.ts|dist/src/index\\.js)$' },
    },
    {
      name: 'oidc-provider-in-one-folder',
      severity: 'error',
      from: { pathNot: '^src/oauth2/provider/' },
      to: { path: 'node_modules/oidc-provider' },
    },
    {
      name: 'search-knows-no-nest',
      severity: 'error',
      from: { path: '^src/fhir/(search|definitions)/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['node_modules/@nestjs', 'node_modules/typeorm', '^src/fhir/storage/sql/'] },
    },
    {
      name: 'contract-imports-nothing',
      severity: 'error',
      from: { path: '^src/access/contract\\.ts$' },
      to: { path: '.' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
