// Bundles to load: Synthea's where they are at hand, else copies of examples/data/clinic.json with other people.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/prepare.mjs';

const synthea = join(root, '..', 'shared', 'data', 'synthea', 'transactions');

/** @returns {{ name: string, text: string, entries: number }[]} */
export function bundleFiles() {
  const texts = existsSync(synthea)
    ? readdirSync(synthea)
        .filter((name) => name.endsWith('.json'))
        .map((name) => ({ name, text: readFileSync(join(synthea, name), 'utf8') }))
    : generated(200);
  return texts.map(({ name, text }) => ({ name, text, entries: JSON.parse(text).entry.length }));
}

function generated(count) {
  const clinic = readFileSync(join(root, 'examples', 'data', 'clinic.json'), 'utf8');
  return Array.from({ length: count }, (_unused, index) => ({
    name: `clinic ${index}`,
    text: clinic.replaceAll(/P10(\d\d)/g, `P${index}-$1`).replaceAll('4711', `4711-${index}`),
  }));
}

/** One transaction of many entries, each with what a small Observation has. */
export function largeBundle(entries) {
  const { identifier: _identifier, ...observation } = JSON.parse(
    readFileSync(join(root, 'bench', 'observation.json'), 'utf8'),
  );
  const entry = Array.from({ length: entries }, (_unused, index) => ({
    resource: { ...observation, identifier: [{ system: 'urn:bench', value: `large-${index}` }] },
    request: { method: 'POST', url: 'Observation' },
  }));
  const text = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  return { name: `${entries} entries`, text, entries };
}
