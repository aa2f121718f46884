import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

describe('.editorconfig', () => {
  const sections = readFileSync(join(root, '.editorconfig'), 'utf8').split(/^\[(.+)\]$/m);
  const section = (name: string): Record<string, string> =>
    Object.fromEntries(
      [...(sections[sections.indexOf(name) + 1] ?? '').matchAll(/^(\w+) = (.+)$/gm)].map(([, key, value]) => [
        key,
        value,
      ]),
    );

  it('says what .prettierrc.json says, and the defaults of Prettier', () => {
    const prettier = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const { printWidth = 80, tabWidth = 2, useTabs = false, endOfLine = 'lf' } = prettier;
    expect(section('*')).toMatchObject({
      max_line_length: String(printWidth),
      indent_size: String(tabWidth),
      indent_style: useTabs === true ? 'tab' : 'space',
      end_of_line: endOfLine,
      insert_final_newline: 'true',
      trim_trailing_whitespace: 'true',
    });
  });

  it('leaves lines of Markdown alone, which Prettier does not format here', () => {
    expect(readFileSync(join(root, '.prettierignore'), 'utf8')).toMatch(/^\*\.md$/m);
    expect(section('*.md')).toEqual({ max_line_length: 'off' });
  });
});
