import { Settings } from '../platform/config/index.js';
import type { Preparation } from './prepare.js';

/** Tells the person who started the server where it is and how to take the first step. */
export function announce(settings: Settings, { administrator }: Preparation): void {
  const base = settings.publicUrl;
  const lines = ['', 'Firekeep is ready.', ''];
  const add = (label: string, text: string): void => void lines.push(`  ${label.padEnd(22)}${text}`);
  add('Start page', `${base}/`);
  add('API documentation', `${base}/docs`);
  if (settings.servesResources) {
    add('FHIR, bearer token', `${base}/fhir/r4`);
    add('FHIR, Basic and token', `${base}/csp/healthshare/fhirserver/fhir/r4`);
  }
  if (settings.servesAuthorization) add('OAuth2 issuer', settings.issuer);
  add('Management API', settings.managementUrl);
  lines.push('');
  if (administrator !== undefined) {
    add('Administrator', administrator.username);
    if (administrator.password !== undefined)
      add('One-time password', `${administrator.password}  (shown once)`);
    if (administrator.passwordFile !== undefined) add('Password in', administrator.passwordFile);
    lines.push('');
  }
  if (settings.servesResources && settings.servesAuthorization) {
    const username = administrator?.username ?? settings.get('adminUsername');
    lines.push(
      '  Try it:',
      `  curl -H "Authorization: Bearer $(${sameSettings(settings)}npx firekeep token ${username})" ${base}/fhir/r4/Patient`,
      '',
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/**
 * What the command line needs in another terminal to find the same addresses and the same database. The address of a
 * MySQL database holds a password, so it is not repeated here.
 */
function sameSettings(settings: Settings): string {
  const defaults = Settings.of();
  const dataDirectory = settings.get('dataDirectory');
  const besideKey = Settings.of({ dataDirectory }).get('databaseUrl');
  const rows = [
    ['FIREKEEP_PUBLIC_URL', settings.publicUrl, defaults.publicUrl],
    ['FIREKEEP_DATA_DIRECTORY', dataDirectory, defaults.get('dataDirectory')],
    ...(settings.isSqlite
      ? [['FIREKEEP_DATABASE_URL', settings.get('databaseUrl'), besideKey] as const]
      : []),
  ] as const;
  return rows
    .map(([name, value, normally]) => (value === normally ? '' : `${name}=${quoted(value)} `))
    .join('');
}

function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
