import { fileURLToPath } from 'node:url';
import { groups } from './groups.mjs';

const name = process.env.FIREKEEP_MUTATION_GROUP ?? 'access';
const { mutate, tests } = groups[name];
const folder = fileURLToPath(new URL('.', import.meta.url));
const out = `${folder}../../.cache/mutation`;

export default {
  packageManager: 'npm',
  plugins: ['@stryker-mutator/jest-runner', `${folder}message-texts.ignorer.mjs`],
  ignorers: ['message-texts'],
  testRunner: 'jest',
  coverageAnalysis: 'perTest',
  mutate: [...mutate, '!**/*.spec.ts'],
  jest: {
    projectType: 'custom',
    configFile: 'test/mutation/jest.config.mjs',
    config: { testMatch: tests.map((pattern) => `<rootDir>/${pattern}`) },
  },
  ignoreStatic: true,
  concurrency: Number(process.env.FIREKEEP_MUTATION_CONCURRENCY ?? 1),
  timeoutMS: 30_000,
  timeoutFactor: 3,
  disableTypeChecks: false,
  tempDirName: '.cache/mutation/sandbox',
  ignorePatterns: [
    '/dist',
    '/bench',
    '/data',
    '/docs',
    '/examples',
    '/docker',
    '/coverage',
    '/.cache',
    '/test/mutation/node_modules',
  ],
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: `${out}/${name}.json` },
  thresholds: { high: 95, low: 90, break: null },
};
