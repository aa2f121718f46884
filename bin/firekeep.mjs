#!/usr/bin/env node
// The command line. In a checkout it installs and builds first; in the container it is built already.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (existsSync(join(root, 'scripts', 'prepare.mjs')) && existsSync(join(root, 'src'))) {
  const { ensureBuilt, ensureInstalled } = await import('../scripts/prepare.mjs');
  ensureInstalled();
  ensureBuilt();
}
await import(pathToFileURL(join(root, 'dist', 'src', 'cli', 'main.js')).href);
