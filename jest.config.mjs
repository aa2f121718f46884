const swc = (ts) => ({
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: ts
      ? { syntax: 'typescript', decorators: true, dynamicImport: true }
      : { syntax: 'ecmascript', dynamicImport: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
});

const esmPackages = [
  '@nestjs',
  'oidc-provider',
  'jose',
  'openid-client',
  'fhir-kit-client',
  'oauth4webapi',
  'cookie',
  'content-disposition',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  'es-toolkit',
  'uid',
  'iterare',
  'nanoid',
  'quick-lru',
  'eta',
  'load-esm',
  '@borewit',
];

/** What all kinds of tests share; `test/mutation` runs some of them under another runner. */
export const base = {
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^firekeep$': '<rootDir>/src/index.ts',
    // Its exports have no condition that CommonJS looks for.
    '^fhir-kit-client$': '<rootDir>/node_modules/fhir-kit-client/dist/index.js',
  },
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc(true)], '^.+\\.m?js$': ['@swc/jest', swc(false)] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/test/mutation/node_modules/'],
};

const project = (displayName, testMatch) => ({ ...base, displayName, testMatch });

/** One project a kind of test; `scripts/test.mjs` runs them in this order. */
export default {
  reporters: ['default'],
  testTimeout: 60_000,
  projects: [
    project('unit', ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/unit/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
    project('browser', ['<rootDir>/test/browser/**/*.spec.ts']),
  ],
};
