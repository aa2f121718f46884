// Writes the settings table into the README from the definitions (`--check`: only compares).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, root } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
const { settingDefinitions } = await import(
  pathToFileURL(join(root, 'dist', 'src', 'platform', 'config', 'index.js')).href
);
const rows = Object.values(settingDefinitions).map(
  ({ env, defaultText, description }) => `| \`${env}\` | ${defaultText} | ${description} |`,
);
const table = ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
const path = join(root, 'README.md');
const before = readFileSync(path, 'utf8');
const after = before.replace(
  /<!-- settings -->[\s\S]*<!-- \/settings -->/,
  `<!-- settings -->\n${table}\n<!-- /settings -->`,
);
if (process.argv.includes('--check')) {
  if (before !== after) {
    console.error('The settings table of README.md is stale. Run: npm run settings');
    process.exit(1);
  }
} else {
  writeFileSync(path, after);
}
