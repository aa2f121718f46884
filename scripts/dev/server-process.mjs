// One server of `npm run dev`: loads the packages ahead, and the program itself when it is told to.
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../prepare.mjs';

const start = () => import(pathToFileURL(join(root, 'dist', 'src', 'main.js')).href);

/** Of a package that would rather have another Node.js; ours runs its tests with this one. It would stand above each restart. */
const unsupported = 'oidc-provider WARNING: Unsupported runtime';

function leaveOutWarning() {
  const { warn } = console;
  console.warn = (...parts) => {
    if (!String(parts[0]).includes(unsupported)) warn.apply(console, parts);
  };
}

async function loadPackages() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    try {
      await import(name);
    } catch {
      // Not every package can be loaded by its name; the program will load its parts.
    }
  }
}

leaveOutWarning();
if (cluster.isWorker) {
  await start();
} else {
  // Nobody is left to end this process.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const told = new Promise((resolve) => process.once('message', resolve));
  await loadPackages();
  await told;
  await start();
  process.send?.('ready');
}
