// Draws the modules into docs/architecture.md from what the code imports (`--check`: only compares).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from './prepare.mjs';

const document = join(root, 'docs', 'architecture.md');

/** Folders of a place, with those of them that each imports. */
function importsAmong(place) {
  const base = join(root, 'src', place);
  const graph = new Map();
  for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/^(?!.*\.spec\.ts$).*\.ts$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const from = topOf(base, file);
    if (from === undefined) continue;
    const targets = graph.get(from) ?? new Set();
    graph.set(from, targets);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      const to = topOf(base, join(dirname(file), path));
      if (to !== undefined && to !== from) targets.add(to);
    }
  }
  return graph;
}

/** The folder of a place that a file is in; undefined: none. */
function topOf(base, file) {
  const [first, ...rest] = relative(base, file).split(sep);
  return first === '..' || rest.length === 0 ? undefined : first;
}

/** Arrows that say what no path of others says already. */
function reduced(graph) {
  const reaches = (from, to, seen = new Set()) =>
    [...(graph.get(from) ?? [])].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return [...graph]
    .flatMap(([from, targets]) =>
      [...targets]
        .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
        .map((to) => [from, to]),
    )
    .sort((one, other) => (one.join() < other.join() ? -1 : 1));
}

function picture(place) {
  const name = (folder) => (folder === 'end' ? 'end_' : folder.replaceAll('-', '_'));
  const lines = reduced(importsAmong(place)).map(
    ([from, to]) => `  ${name(from)}[${from}] --> ${name(to)}[${to}]`,
  );
  return ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n');
}

const before = readFileSync(document, 'utf8');
const after = ['', 'fhir'].reduce((text, place) => {
  const mark = `picture of src/${place}`;
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`docs/architecture.md has no place for the ${mark}.`);
  return `${text.slice(0, start + begin.length)}\n\n${picture(place)}\n\n${text.slice(stop)}`;
}, before);

if (!process.argv.includes('--check')) writeFileSync(document, after);
else if (before !== after) {
  console.error('The pictures of docs/architecture.md are stale. Run: npm run pictures');
  process.exit(1);
}
