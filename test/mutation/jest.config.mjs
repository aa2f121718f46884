import { base } from '../../jest.config.mjs';

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

const { runtime: _shared, ...others } = base;

/**
 * What Stryker runs: `stryker.config.mjs` says which specs. Mutants are told apart in an environment of Stryker's own, so
 * modules are evaluated for each spec, by Jest.
 */
export default {
  ...others,
  rootDir: '../..',
  testTimeout: 60_000,
  testEnvironment: 'node',
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^firekeep$': '<rootDir>/src/index.ts',
    // Its exports have no condition that CommonJS looks for.
    '^fhir-kit-client$': '<rootDir>/node_modules/fhir-kit-client/dist/index.js',
  },
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc(true)], '^.+\\.m?js$': ['@swc/jest', swc(false)] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
};
