import type { Settings } from './platform/config/index.js';
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
  if (settings.servesAuthorization) add('OAuth2 issuer', `${base}/oauth2`);
  add('Management API', `${base}/admin/api/v1`);
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
      `  curl -H "Authorization: Bearer $(npx firekeep token ${username})" ${base}/fhir/r4/Patient`,
      '',
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
