import { noExtensionSettings } from '../config/index.js';
import type { ExtensionDefinition } from './extension-definition.js';
import { StartedExtensions } from './started-extensions.js';

const start = (...definitions: ExtensionDefinition[]) =>
  StartedExtensions.of(definitions, '0.1.3', noExtensionSettings);
const clinic = { name: 'clinic', compatibility: '^0.1.0' };
const migration = (name: string) => ({ name, up: () => Promise.resolve() });

describe('what an extension says of itself', () => {
  it('lets it start where this version is within its range', () => {
    expect(start(clinic, { name: 'lab2', compatibility: '>=0.1 <1' }).definitions).toHaveLength(2);
  });

  it('names extension, range and version where it is not', () => {
    expect(() => start({ ...clinic, compatibility: '>=0.2 <0.3' })).toThrow(
      expect.objectContaining({
        code: 'EXTENSION_INCOMPATIBLE',
        message: expect.stringMatching(/"clinic" is made for Firekeep >=0.2 <0.3, and this is 0.1.3/),
      }),
    );
  });

  it.each<[string, ExtensionDefinition[], RegExp]>([
    ['a range that is none', [{ ...clinic, compatibility: 'latest' }], /no range of versions: "latest"/],
    ['a name in capitals', [{ ...clinic, name: 'Clinic' }], /needs a name/],
    ['a name with a hyphen', [{ ...clinic, name: 'my-clinic' }], /needs a name/],
    ['a name that is taken', [clinic, { ...clinic }], /has the name of another one/],
    ['a migration without a name', [{ ...clinic, migrations: [migration('No 1')] }], /whose name is none/],
    [
      'two migrations of one name',
      [{ ...clinic, migrations: [migration('one'), migration('one')] }],
      /has two migrations "one"/,
    ],
    [
      'a setting that is not in camel case',
      [{ ...clinic, settings: { 'the-ward': { type: 'text', description: 'x' } } }],
      /not written in camel case/,
    ],
  ])('stops the start with %s', (_what, definitions, message) => {
    expect(() => start(...definitions)).toThrow(
      expect.objectContaining({ code: 'EXTENSION_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
