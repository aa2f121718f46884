// `npm run test:mutation [-- GROUP…]`: changes the code bit by bit and shows what no test notices. Not a part of `npm test`:
// a group takes minutes. Its packages are in test/mutation, apart from those of the program.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, fail, root, run } from './prepare.mjs';
import { groups } from '../test/mutation/groups.mjs';

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in groups));
if (unknown !== undefined) fail(`${unknown} is no group. There are ${Object.keys(groups).join(', ')}.`);

ensureInstalled();
const folder = join(root, 'test', 'mutation');
const stryker = join(folder, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
if (!existsSync(stryker) && run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder }) !== 0) {
  fail('What test/mutation needs can not be installed.');
}

const rows = [];
for (const name of names.length > 0 ? names : Object.keys(groups)) {
  const env = { ...process.env, FIREKEEP_MUTATION_GROUP: name, FIREKEEP_TEST_ROOT: root, NODE_ENV: 'test' };
  const code = run(process.execPath, [stryker, 'run', join('test', 'mutation', 'stryker.config.mjs')], {
    env,
  });
  if (code !== 0) fail(`Group ${name} did not end well. What stands above says why.`);
  rows.push(...scoresOf(name));
}
console.log(
  `\n${['| file | score | killed | survived | not reached | left out |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}`,
);

/** Lines of the table in test/mutation/results.md. */
function scoresOf(name) {
  const { files } = JSON.parse(readFileSync(join(root, '.cache', 'mutation', `${name}.json`), 'utf8'));
  return Object.entries(files).map(([file, { mutants }]) => {
    const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
    const [killed, survived, missed] = [count('Killed', 'Timeout'), count('Survived'), count('NoCoverage')];
    const all = killed + survived + missed;
    const score = all === 0 ? '' : `${((100 * killed) / all).toFixed(1)} %`;
    return `| \`${file}\` | ${score} | ${killed} | ${survived} | ${missed} | ${count('Ignored')} |`;
  });
}
