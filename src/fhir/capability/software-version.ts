import { existsSync, readFileSync } from 'node:fs';

/** The version of this program, from its package.json: beside the sources, or one folder above the build. */
export function softwareVersion(): string {
  for (const up of ['../../../package.json', '../../../../package.json']) {
    const file = new URL(up, import.meta.url);
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === 'firekeep' && version !== undefined) return version;
  }
  throw new Error('package.json is missing beside the program.');
}
