const { floors, modules } = require('./scripts/module-table.cjs');

const folderOf = (name) => `^src/${name}/`;
const entryOf = (name) => `^src/${name}/index\\.ts$`;
/** Platform is a set of small modules, each with its own entry. */
const platformEntry = '^src/platform/([^/]+/index|platform\\.module)\\.ts$';

const pathOf = (place, name) =>
  name.endsWith('.ts') ? `^src/${place}/${name.replaceAll('.', '\\.')}$` : `^src/${place}/${name}/`;
const floorRules = Object.entries(floors).flatMap(([place, order]) =>
  order.slice(0, -1).map((name, floor) => ({
    name: `${place}/${name}-points-down`,
    comment: `Of src/${place}, ${name} may import only what stands before it in the table of floors.`,
    severity: 'error',
    from: { path: pathOf(place, name), pathNot: '\\.spec\\.ts$' },
    to: { path: order.slice(floor + 1).map((above) => pathOf(place, above)) },
  })),
);

const rules = Object.entries(modules).flatMap(([name, allowed]) => [
  {
    name: `${name}-imports`,
    comment: `${name} may import ${allowed.length === 0 ? 'nothing of ours' : allowed.join(', ')}.`,
    severity: 'error',
    from: { path: folderOf(name), pathNot: '\\.spec\\.ts$' },
    to: {
      path: '^(src|migrations)/',
      pathNot: [
        ...(name === 'application' ? ['^migrations/index\\.ts$'] : []),
        folderOf(name),
        ...allowed.map((other) => (other === 'platform' ? platformEntry : entryOf(other))),
      ],
    },
  },
]);

module.exports = {
  forbidden: [
    ...rules,
    ...floorRules,
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
      from: { path: '^examples/(extension|directory-users)/' },
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
      name: 'store-through-the-passage',
      comment:
        'What a principal asks for comes to the store through src/fhir/passage, whose last stage opens it.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/fhir/(storage|reindex|terminology)/',
          '^src/fhir/passage/(access/access\\.stage|journal/server-resources)\\.ts$',
          '^src/fhir/index\\.ts$',
          '\\.spec\\.ts$',
        ],
      },
      to: { path: '^src/fhir/storage/store-token\\.ts$' },
    },
    {
      name: 'queries-are-restricted-by-the-access-stage',
      comment: 'The store takes restricted queries alone, and only these make them.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/fhir/(passage/access|terminology)/', '\\.spec\\.ts$'] },
      to: { path: '^src/fhir/search/restrict\\.ts$' },
    },
    {
      name: 'contract-imports-nothing',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { path: '.', pathNot: '^src/contract/' },
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
