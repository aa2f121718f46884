import { suffix } from './slapd.js';

export const people = `ou=people,${suffix}`;
export const groups = `ou=groups,${suffix}`;

export function personOf(uid: string): string {
  return `uid=${uid},${people}`;
}

const person = (uid: string, more: readonly string[] = []): string =>
  [
    `dn: ${personOf(uid)}`,
    ...['objectClass: inetOrgPerson', `uid: ${uid}`, `cn: ${uid}`, `sn: ${uid}`],
    ...[`userPassword: ${uid} in the directory`, ...more],
  ].join('\n');

const group = (cn: string, members: readonly string[]): string =>
  [
    `dn: cn=${cn},${groups}`,
    ...['objectClass: groupOfNames', `cn: ${cn}`],
    ...members.map((uid) => `member: ${personOf(uid)}`),
  ].join('\n');

/** A clinic's people: each has the password `[uid] in the directory`. */
export const clinicLdif = [
  `dn: ${suffix}\nobjectClass: domain\ndc: clinic`,
  `dn: cn=reader,${suffix}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: reader secret`,
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people`,
  `dn: ${groups}\nobjectClass: organizationalUnit\nou: groups`,
  person('dora', ['employeeNumber: 17']),
  person('nils'),
  person('root'),
  person('admin'),
  person('star*', ['employeeNumber: 1)(x']),
  group('Doctors', ['dora', 'root', 'admin']),
  group('Operators', ['root']),
  group('Choir', ['dora', 'nils']),
].join('\n\n');

/** What the example is told of it. */
export function directoryEnvironment(url: string): Readonly<Record<string, string>> {
  return {
    DIRECTORY_URL: url,
    DIRECTORY_BIND_DN: `cn=reader,${suffix}`,
    DIRECTORY_BIND_PASSWORD: 'reader secret',
    DIRECTORY_USER_BASE: people,
    DIRECTORY_GROUP_BASE: groups,
    DIRECTORY_ROLES: JSON.stringify({ doctors: 'practitioner', operators: ['admin', 'auditor'] }),
    DIRECTORY_FHIR_USER: 'Practitioner/{employeeNumber}',
  };
}
