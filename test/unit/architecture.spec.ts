import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { floors, modules } from '../../scripts/module-table.cjs';

const root = join(__dirname, '..', '..');

describe('the module table', () => {
  const table = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

  it.each(folders)('has a row for %s', (folder) =>
    expect(table).toMatch(new RegExp(`^\\| \`${folder}\``, 'm')),
  );

  it.each(folders)('has a rule for %s that a check holds', (folder) =>
    expect(Object.keys(modules)).toContain(folder),
  );

  it.each(Object.entries(modules))('says of %s what the check lets it import', (module, allowed) => {
    const row = new RegExp(`^\\| \`${module}\` \\|.*\\| ([^|]*) \\|$`, 'm').exec(table);
    expect(row?.[1]).toBe(allowed.length === 0 ? 'nothing of ours' : allowed.join(', '));
  });
});

describe('the floors', () => {
  const folders = foldersWithFolders('').filter((folder) => folder !== '');

  it.each(folders.filter((folder) => !folder.includes('/')))('have a row for the module %s', (module) =>
    expect(Object.keys(floors)).toContain(module),
  );

  it.each(folders.filter((folder) => folder.includes('/')))('have no circle in src/%s', (folder) =>
    expect(circleIn(folder)).toEqual([]),
  );

  it.each(Object.entries(floors))('name everything in src/%s, once', (folder, names) =>
    expect([...names].sort()).toEqual(childrenOf(folder).sort()),
  );
});

/** Files and folders of a folder that import each other in a circle, a folder taken as one; none: empty. */
function circleIn(folder: string): string[] {
  const base = join(root, 'src', folder);
  const left = new Map(childrenOf(folder).map((name) => [name, siblingsOf(base, name)]));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [name, imported] of left) {
      if (![...imported].some((other) => left.has(other))) left.delete(name);
    }
  }
  return [...left.keys()];
}

/** What a file or folder imports of those beside it. */
function siblingsOf(base: string, name: string): Set<string> {
  const files = isCode(name)
    ? [name]
    : readdirSync(join(base, name), { recursive: true }).map((file) => join(name, String(file)));
  const imported = files
    .filter(isCode)
    .flatMap((file) =>
      [...readFileSync(join(base, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
        ([, path = '']) => relative(base, join(base, dirname(file), path)).replace(/\.js$/, '.ts'),
      ),
    );
  const siblings = imported
    .filter((path) => !path.startsWith('..'))
    .map((path) => path.split(sep, 1)[0] ?? '');
  return new Set(siblings.filter((sibling) => sibling !== name));
}

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
