import { isIP } from 'node:net';
import { Client, InvalidCredentialsError, NoSuchObjectError, type Entry, type SearchOptions } from 'ldapts';
import type { SourceUser, UserSource } from 'firekeep';
import type { DirectorySettings } from './directory.settings.js';
import { escapeFilterValue, escapeNameValue, filled } from './escape.js';

/** Groups of one user that are looked at. */
const mostGroups = 1000;

/** Users and roles of an LDAP directory: passwords by a bind, roles by groups. */
export class LdapUserSource implements UserSource {
  readonly name = 'directory';
  readonly timeout: number;
  readonly maximumAge: number;

  constructor(private readonly settings: DirectorySettings) {
    this.timeout = settings.timeout;
    this.maximumAge = settings.maximumAge;
  }

  authenticate(username: string, password: string, signal: AbortSignal): Promise<SourceUser | null> {
    // A bind without a password succeeds, as nobody in particular (RFC 4513 section 5.1.2).
    if (password === '') return Promise.resolve(null);
    return this.connected(signal, async (client) => {
      const entry = await this.entryOf(client, username);
      if (entry === undefined) return null;
      // As the reader still: users need not be allowed to see their groups.
      const user = await this.userOf(client, entry);
      return (await isPasswordOf(client, entry.dn, password)) ? user : null;
    });
  }

  find(username: string, signal: AbortSignal): Promise<SourceUser | null> {
    return this.connected(signal, async (client) => {
      const entry = await this.entryOf(client, username);
      return entry === undefined ? null : this.userOf(client, entry);
    });
  }

  /** Does `work` on a connection of its own, as the reader; the connection ends with the signal at the latest. */
  private async connected<T>(signal: AbortSignal, work: (client: Client) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const { url, startTls, authorities, reader, timeout } = this.settings;
    const tlsOptions = authorities === undefined ? {} : { ca: authorities };
    const milliseconds = timeout * 1000;
    const client = new Client({
      ...{ url, timeout: milliseconds, connectTimeout: milliseconds },
      // Given to a connection without TLS, ldapts would begin with it at once.
      ...(url.startsWith('ldaps:') ? { tlsOptions } : {}),
    });
    const end = (): void => void client.unbind().catch(() => undefined);
    signal.addEventListener('abort', end);
    try {
      if (startTls) await client.startTLS({ ...tlsOptions, ...nameToVerify(new URL(url).hostname) });
      if (reader !== undefined) await client.bind(reader.dn, reader.password);
      return await work(client);
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  /** @throws Error where several entries have the name: it is nobody's then */
  private async entryOf(client: Client, username: string): Promise<Entry | undefined> {
    const { userBase, userFilter, userDn, usernameAttribute, idAttribute, fhirUser } = this.settings;
    const wanted = [usernameAttribute, idAttribute, ...attributesIn(fhirUser)];
    const options: SearchOptions = {
      filter: filled(userFilter, { username }, escapeFilterValue),
      ...{ attributes: [...new Set(wanted)], sizeLimit: 2 },
      scope: userDn === undefined ? 'sub' : 'base',
      // Bytes, such as those of Active Directory.
      explicitBufferAttributes: idAttribute === 'objectGUID' ? [idAttribute] : [],
    };
    const entries =
      userDn === undefined
        ? await entriesBelow(client, 'DIRECTORY_USER_BASE', userBase, options)
        : ((await entriesAt(client, filled(userDn, { username }, escapeNameValue), options)) ?? []);
    if (entries.length > 1) throw new Error('several entries have the same username');
    return entries[0];
  }

  private async userOf(client: Client, entry: Entry): Promise<SourceUser> {
    const { usernameAttribute, idAttribute, groupBase, groupFilter, roles, fhirUser } = this.settings;
    const username = textOf(entry, usernameAttribute) ?? '';
    const groups = await entriesBelow(client, 'DIRECTORY_GROUP_BASE', groupBase, {
      ...{ scope: 'sub', attributes: ['cn'], sizeLimit: mostGroups },
      filter: filled(groupFilter, { dn: entry.dn, username }, escapeFilterValue),
    });
    const names = groups.map((group) => (textOf(group, 'cn') ?? '').toLowerCase());
    return {
      id: textOf(entry, idAttribute) ?? '',
      username,
      roles: [...new Set(names.flatMap((name) => roles.get(name) ?? []))],
      fhirUser: fhirUserOf(entry, fhirUser),
    };
  }
}

/** What the certificate must be for; addresses aren't told to the server (RFC 6066 section 3). */
function nameToVerify(host: string): { readonly host: string; readonly servername?: string } {
  return isIP(host) === 0 ? { host, servername: host } : { host };
}

/** Who binds is the user from here on. */
async function isPasswordOf(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  }
}

/** What a search finds; undefined: there is nothing of the name that it begins at. */
async function entriesAt(
  client: Client,
  base: string,
  options: SearchOptions,
): Promise<readonly Entry[] | undefined> {
  try {
    return (await client.search(base, options)).searchEntries;
  } catch (error) {
    if (error instanceof NoSuchObjectError) return undefined;
    throw error;
  }
}

/** @throws Error where there is no such base: else a wrong setting would look like a wrong password */
async function entriesBelow(
  client: Client,
  setting: string,
  base: string,
  options: SearchOptions,
): Promise<readonly Entry[]> {
  const entries = await entriesAt(client, base, options);
  if (entries === undefined) {
    throw new Error(`${setting}: the directory has no ${base}, or doesn't show it`);
  }
  return entries;
}

/** The text with what the entry has; null: it lacks some of it. */
function fhirUserOf(entry: Entry, template: string | undefined): string | null {
  if (template === undefined) return null;
  const values = attributesIn(template).map((name) => [name, textOf(entry, name)] as const);
  if (values.some(([, value]) => value === undefined)) return null;
  return filled(template, Object.fromEntries(values) as Record<string, string>, (value) => value);
}

function attributesIn(template = ''): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** The first value; bytes in hexadecimal. */
function textOf(entry: Entry, attribute: string): string | undefined {
  const value = entry[attribute];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined || first.length === 0) return undefined;
  return typeof first === 'string' ? first : first.toString('hex');
}
