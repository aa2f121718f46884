import { readFileSync } from 'node:fs';
import { FirekeepError } from 'firekeep';

/** Where the directory is, and what of it means what here. */
export interface DirectorySettings {
  readonly url: string;
  readonly startTls: boolean;
  /** PEM of the authorities that its certificate may come from; undefined: those of Node.js. */
  readonly authorities: string | undefined;
  /** Who searches; undefined: nobody in particular, where the directory allows that. */
  readonly reader: { readonly dn: string; readonly password: string } | undefined;
  readonly userBase: string;
  /** With `{username}`. */
  readonly userFilter: string;
  /** DN with `{username}`, which says where a user is without a search; undefined: the filter finds them. */
  readonly userDn: string | undefined;
  readonly usernameAttribute: string;
  readonly idAttribute: string;
  readonly groupBase: string;
  /** With `{dn}` of the user, or `{username}`. */
  readonly groupFilter: string;
  /** Roles by the `cn` of a group, in lower case. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** `Practitioner/{employeeNumber}`: text with attributes of the user; undefined: nobody has a FHIR user. */
  readonly fhirUser: string | undefined;
  /** Seconds. */
  readonly timeout: number;
  readonly maximumAge: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of the README. @throws FirekeepError `DIRECTORY_SETTING_INVALID` that names the variable which is missing or wrong */
export function directorySettings(environment: Environment): DirectorySettings {
  const optional = (name: string): string | undefined => {
    const value = environment[`DIRECTORY_${name}`]?.trim();
    return value === '' ? undefined : value;
  };
  const required = (name: string): string => {
    const value = optional(name);
    if (value === undefined) throw invalid(`DIRECTORY_${name} is not set.`);
    return value;
  };
  const caFile = optional('CA_FILE');
  const readerDn = optional('BIND_DN');
  const startTls = flag('DIRECTORY_START_TLS', optional('START_TLS') ?? 'false');
  return {
    url: checkedUrl(required('URL'), startTls),
    startTls,
    authorities: caFile === undefined ? undefined : authoritiesOf(caFile),
    // Without its password the directory would take the reader for nobody in particular.
    reader: readerDn === undefined ? undefined : { dn: readerDn, password: required('BIND_PASSWORD') },
    userBase: required('USER_BASE'),
    userFilter: optional('USER_FILTER') ?? '(uid={username})',
    userDn: optional('USER_DN'),
    usernameAttribute: optional('USERNAME_ATTRIBUTE') ?? 'uid',
    idAttribute: optional('ID_ATTRIBUTE') ?? 'entryUUID',
    groupBase: required('GROUP_BASE'),
    groupFilter: optional('GROUP_FILTER') ?? '(member={dn})',
    roles: rolesByGroup(required('ROLES')),
    fhirUser: optional('FHIR_USER'),
    timeout: seconds('DIRECTORY_TIMEOUT', optional('TIMEOUT') ?? '5'),
    maximumAge: seconds('DIRECTORY_MAXIMUM_AGE', optional('MAXIMUM_AGE') ?? '60'),
  };
}

/** Whose line is all that is printed when the start ends. */
function invalid(message: string): FirekeepError {
  return new FirekeepError('invalid', 'DIRECTORY_SETTING_INVALID', message);
}

function flag(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw invalid(`${name} must be true or false.`);
  return text === 'true';
}

function authoritiesOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`DIRECTORY_CA_FILE can't be read: ${(error as Error).message}`);
  }
}

/** Passwords leave this machine encrypted or not at all. */
function checkedUrl(text: string, startTls: boolean): string {
  const { protocol, hostname } = URL.canParse(text) ? new URL(text) : { protocol: '', hostname: '' };
  if (protocol !== 'ldap:' && protocol !== 'ldaps:')
    throw invalid('DIRECTORY_URL must be an address that begins with ldap:// or ldaps://.');
  const isOfThisMachine = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'ldap:' && !startTls && !isOfThisMachine) {
    throw invalid(
      'DIRECTORY_URL would send passwords in the clear: use ldaps:, or DIRECTORY_START_TLS=true.',
    );
  }
  return text;
}

function rolesByGroup(text: string): ReadonlyMap<string, readonly string[]> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw invalid('DIRECTORY_ROLES is no JSON.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid('DIRECTORY_ROLES must be a JSON object: roles by the names of groups.');
  }
  const groups = Object.entries(given as Readonly<Record<string, unknown>>).map(([group, roles]) => {
    const list: readonly unknown[] = Array.isArray(roles) ? roles : [roles];
    if (!list.every((role) => typeof role === 'string')) {
      throw invalid(`DIRECTORY_ROLES has something else than names of roles for the group ${group}.`);
    }
    return [group.toLowerCase(), list] as const;
  });
  return new Map(groups);
}

function seconds(name: string, text: string): number {
  const value = Number(text);
  if (!/^[1-9]\d{0,3}$/.test(text)) throw invalid(`${name} must be a number of seconds, from 1 to 9999.`);
  return value;
}
