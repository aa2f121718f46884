import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '..', '..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];
/** What the repository has, and not what is made in it. */
const folders = [
  'bench',
  'bin',
  'config',
  'docker',
  'docs',
  'examples',
  'migrations',
  'scripts',
  'src',
  'test',
];

const textOf = (document: string): string => readFileSync(join(root, document), 'utf8');
const withoutBlocks = (text: string): string => text.replace(/^```[^]*?^```/gm, '');
const withoutCode = (text: string): string => withoutBlocks(text).replace(/`[^`\n]+`/g, '`code`');

/** Where links lead that are not addresses: below the document's folder. */
function links(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/i.test(target));
}

/** Paths in backticks that begin with a folder of the repository, up to a part that stands for something else. */
function namedPaths(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)]
    .map((match) => match[1] ?? '')
    .filter((code) => /^[\w.-]+\/\S*$/.test(code) && folders.includes(code.split('/')[0] ?? ''))
    .map((code) => {
      const parts = code.split('/');
      const open = parts.findIndex((part) => /[*<>{}…]|^[A-Z]+(\.|$)/.test(part));
      return (open === -1 ? parts : parts.slice(0, open)).join('/');
    });
}

/** As GitHub makes them of headings. */
function anchors(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** What is named and is not there. */
function missing(document: string, text: string): string[] {
  const lost = links(text).filter((target) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? document : join(dirname(document), path);
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && file.endsWith('.md') && !anchors(textOf(file)).includes(anchor);
  });
  return [...lost, ...namedPaths(text).filter((path) => !existsSync(join(root, path)))];
}

describe('what documents name is there', () => {
  it.each(documents)('%s', (document) => expect(missing(document, textOf(document))).toEqual([]));

  it('and what is not would be found', () => {
    const text = [
      '[a](gone.md) [b](errors.md#no-such-heading) [c](errors.md#trust) [d](#gone) [e](https://example.org/)',
      '`src/gone.ts` `src/main.ts` `src/*/index.ts` `gone/x.ts` `test/gone/NAME.spec.ts` `docs/<name>.md`',
      '```\n`src/in-a-block.ts` [f](in-a-block.md)\n```',
    ].join('\n');
    expect(missing('docs/example.md', text)).toEqual([
      'gone.md',
      'errors.md#no-such-heading',
      '#gone',
      'src/gone.ts',
      'test/gone',
    ]);
  });
});
