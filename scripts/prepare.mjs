// Installs packages and builds, each only when it is stale. No dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, 'package-lock.json');
const installStamp = join(root, 'node_modules', '.firekeep-installed');
const buildStamp = join(root, 'dist', '.firekeep-built');
const buildInputs = ['src', 'migrations', 'package-lock.json', 'nest-cli.json', '.swcrc', 'tsconfig.json'];

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Ends the process with one sentence. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(
      `Firekeep needs Node.js 20.19 or newer; this is ${process.versions.node}. Install a current LTS version.`,
    );
  }
}

/** Runs a command, its output on the terminal. Returns the exit code. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) fail(`${command} can't be run: ${result.error.message}`);
  return result.status ?? 1;
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.version);
  const visit = (path) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else if (!path.endsWith('.spec.ts')) {
      hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

function isInstalled(wanted) {
  const packages = join(root, 'node_modules');
  // A linked folder belongs to another checkout: an installation would empty it there.
  if (lstatSync(packages, { throwIfNoEntry: false })?.isSymbolicLink()) return true;
  const stamp = read(installStamp);
  if (stamp !== undefined) return stamp === wanted;
  const installed = join(root, 'node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

export function ensureInstalled() {
  requireNode();
  const wanted = hashOf(['package-lock.json']);
  if (isInstalled(wanted)) {
    if (read(installStamp) === undefined) writeFileSync(installStamp, wanted);
    return;
  }
  console.error('Installing packages (once; this takes a few minutes) …');
  const code = run('npm', ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error']);
  if (code !== 0) {
    fail(
      'The packages could not be installed; the lines above say why. better-sqlite3 needs its prebuilt binary or a C++ compiler (Debian: apt-get install g++ make python3).',
    );
  }
  writeFileSync(installStamp, wanted);
}

export function ensureBuilt() {
  const wanted = hashOf(buildInputs);
  if (read(buildStamp) === wanted) return;
  console.error('Building …');
  const code = run(process.execPath, [join('node_modules', '@nestjs', 'cli', 'bin', 'nest.js'), 'build'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (code !== 0) fail('The build failed; the lines above say where.');
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, wanted);
}

/** What is in `dist` is not what the sources say. */
export function forgetBuild() {
  rmSync(buildStamp, { force: true });
}

/**
 * What is in `dist` is what the sources say, as `ensureBuilt` would make it.
 *
 * @param {() => boolean} isCurrent asked once the sources were read: whether they are still those that were compiled
 */
export function rememberBuild(isCurrent) {
  let wanted;
  try {
    wanted = hashOf(buildInputs);
  } catch {
    return; // A file went away meanwhile: the next start builds.
  }
  if (isCurrent()) writeFileSync(buildStamp, wanted);
}
