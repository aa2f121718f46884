import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const settings = readFileSync(join(root, 'src/platform/config/setting-definitions.ts'), 'utf8');
  const names = [...settings.matchAll(/env: '(FIREKEEP_\w+)'/g)].map((match) => match[1]);

  it.each(names)('lists the setting %s', (name) => expect(readme).toContain(`\`${String(name)}\``));
});
