import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from './load-settings.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'firekeep-config-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
};
const load = () => loadSettings({}, directory);
const refusal = (text: string): string => {
  writeFileSync(join(directory, 'default.yaml'), text);
  return messageOf(load);
};

describe('a file of config/', () => {
  it('may be missing, and the folder too', () => {
    expect(load().get('port')).toBe(8080);
    expect(loadSettings({}, join(directory, 'nowhere')).get('port')).toBe(8080);
  });

  it('that is there and can’t be read is named with the reason', () => {
    const path = join(directory, 'default.yaml');
    mkdirSync(path);
    expect(messageOf(load)).toBe(`${path} can't be read (EISDIR).`);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(messageOf(() => loadSettings({}, file))).toBe(
      `${join(file, 'default.yaml')} can't be read (ENOTDIR).`,
    );
  });

  const isRoot = process.getuid?.() === 0;
  it('that this user may not read is named with the reason', () => {
    const path = join(directory, 'default.yaml');
    writeFileSync(path, 'port: 9000\n');
    chmodSync(path, 0o000);
    // Root reads everything: there the rights say nothing.
    if (isRoot) expect(load().get('port')).toBe(9000);
    else expect(messageOf(load)).toBe(`${path} can't be read (EACCES).`);
  });

  it.each([
    ['port: [', /default\.yaml is not YAML: .+ at line 1, column \d+:$/],
    ['port: 1\nport: 2\n', /default\.yaml is not YAML: Map keys must be unique at line 2/],
    ['- port', /default\.yaml must hold a mapping of settings\.$/],
    ['port', /default\.yaml must hold a mapping of settings\.$/],
    ['prot: 1', /default\.yaml: unknown setting prot\. Did you mean port\?/],
    ['host: { a: b }', /default\.yaml: host must be text, a number or a list\.$/],
    ['extensions: [{ a: b }]', /default\.yaml: extensions must be text, a number or a list\.$/],
    ['trustProxy: [nonsense]', /default\.yaml: trustProxy must be a list of addresses/],
  ])('%j is refused in one line', (text, message) => {
    expect(refusal(text)).toMatch(message);
    expect(refusal(text)).not.toContain('\n');
  });

  it.each(['adminPassword: *hush', 'adminPassword: "hush" hush', 'adminPassword: hush\n hush: [hush'])(
    '%j is refused without a word of what may be a secret',
    (text) => expect(refusal(text)).not.toContain('hush'),
  );
});
