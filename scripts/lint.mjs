// Everything that reads the code without running it. Prints what fails; returns the number of failures.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled, root } from './prepare.mjs';

const bin = (name) => join('node_modules', '.bin', name);
const checks = [
  ['types', bin('tsc'), ['--noEmit', '-p', '.']],
  ['eslint', bin('eslint'), ['.', '--max-warnings', '0']],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  [
    'module boundaries',
    bin('depcruise'),
    ['src', 'migrations', 'examples', '--config', '.dependency-cruiser.cjs'],
  ],
  ['unused code', bin('knip'), []],
  ['settings table', process.execPath, ['scripts/settings-table.mjs', '--check']],
  ['pictures', process.execPath, ['scripts/module-picture.mjs', '--check']],
  ['definitions', process.execPath, ['scripts/definitions.mjs', '--check']],
];

function start([name, command, args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, FORCE_COLOR: '0' } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ name, code, output }));
  });
}

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function lint() {
  const [types, eslint, ...rest] = checks;
  const slow = Promise.all([
    start(types).then((result) => [result]),
    start(eslint).then((result) => [result]),
  ]);
  const results = (await slow).flat();
  for (const check of rest) results.push(await start(check));
  for (const { name, code, output } of results) {
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`);
    if (code !== 0) console.log(output);
  }
  const failed = results.filter(({ code }) => code !== 0).length;
  return { passed: results.length - failed, failed };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureInstalled();
  process.exitCode = (await lint()).failed === 0 ? 0 : 1;
}
