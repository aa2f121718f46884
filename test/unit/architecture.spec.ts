import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { floors } from '../../scripts/module-table.cjs';

const root = join(__dirname, '..', '..');

describe('the module table', () => {
  const table = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

  it.each(folders)('has a row for %s', (folder) =>
    expect(table).toMatch(new RegExp(`^\\| \`${folder}\``, 'm')),
  );

  it.each(folders)('has a rule for %s that a check holds', (folder) => {
    const rules = readFileSync(join(root, 'scripts', 'module-table.cjs'), 'utf8');
    expect(rules).toMatch(new RegExp(`^  ${folder}: \\[`, 'm'));
  });
});

describe('the floors', () => {
  const folders = foldersWithFolders('').filter((folder) => folder !== '');

  it.each(folders.filter((folder) => !folder.includes('/')))('have a row for the module %s', (module) =>
    expect(Object.keys(floors)).toContain(module),
  );

  it.each(folders.filter((folder) => folder.includes('/')))('have a row for the folder %s', (folder) =>
    expect(Object.keys(floors)).toContain(folder),
  );

  it.each(Object.entries(floors))('name everything in src/%s, once', (folder, names) =>
    expect([...names].sort()).toEqual(childrenOf(folder).sort()),
  );
});

/** Paths below src of those that hold folders with code. */
function foldersWithFolders(folder: string): string[] {
  const folders = childrenOf(folder).filter((name) => !name.endsWith('.ts'));
  const inner = folders.flatMap((name) => foldersWithFolders(folder === '' ? name : `${folder}/${name}`));
  return folders.length === 0 ? [] : [folder, ...inner];
}

/** Folders with code, and files that are no tests. */
function childrenOf(folder: string): string[] {
  return readdirSync(join(root, 'src', folder), { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() ? hasCode(join(folder, entry.name)) : isCode(entry.name)))
    .map(({ name }) => name);
}

function hasCode(folder: string): boolean {
  return readdirSync(join(root, 'src', folder), { recursive: true }).some((name) => isCode(String(name)));
}

function isCode(name: string): boolean {
  return name.endsWith('.ts') && !name.endsWith('.spec.ts');
}

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const settings = readFileSync(join(root, 'src/platform/config/setting-definitions.ts'), 'utf8');
  const names = [...settings.matchAll(/env: '(FIREKEEP_\w+)'/g)].map((match) => match[1]);

  it.each(names)('lists the setting %s', (name) => expect(readme).toContain(`\`${String(name)}\``));
});
