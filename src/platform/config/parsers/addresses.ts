import { invalidSetting } from '../invalid-setting.js';

export function httpUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidSetting('must be an absolute URL such as https://fhir.example.org');
  }
  if (!['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) {
    throw invalidSetting('must be an http or https URL without query, fragment or user');
  }
  return text.replace(/\/+$/, '');
}

/** The URL holds a password, so no problem repeats it. */
export function databaseUrl(text: string): string {
  const file = /^sqlite:(.*)$/s.exec(text)?.[1];
  if (file?.trim() === ':memory:') {
    throw invalidSetting('must name a file: a database in memory would be another one for each connection');
  }
  const isComplete = file === undefined ? isMysqlUrl(text) : file.trim() !== '';
  if (!isComplete) {
    throw invalidSetting('must be sqlite:<file> or mysql://user:password@host:port/database');
  }
  return text;
}

function isMysqlUrl(text: string): boolean {
  if (!/^(mysql|mariadb):\/\/.+\/.+/.test(text)) return false;
  let url: URL;
  try {
    url = new URL(text);
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
  } catch {
    throw invalidSetting(
      'must be a URL: write characters such as / ? # % of a password percent-encoded (%2F %3F %23 %25)',
    );
  }
  return (url.hostname !== '' || url.searchParams.has('socketPath')) && url.pathname.length > 1;
}

/** A file, or an http or https address from which it is fetched. */
export function fileOrUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && !URL.canParse(text)) {
    throw invalidSetting('must be a file, or an address such as https://example.org/logo.svg');
  }
  return text;
}

/** A file, or an address that is told to apps: of plain http only on this machine. */
export function smartStyle(text: string): string {
  if (!/^[a-z]+:\/\//i.test(text)) return text;
  const { protocol, hostname } = new URL(httpUrl(text));
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    throw invalidSetting('must be a file, or an https URL');
  }
  return text;
}

/** Where redirect URIs of clients that register themselves may lead: a host, a scheme or `loopback`. */
export function redirectRule(text: string): string {
  const rule = text.toLowerCase();
  if (!/^((\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|[a-z][a-z0-9+.-]*:)$/.test(rule)) {
    throw invalidSetting('must be hosts such as *.example.org, schemes such as org.example.app: or loopback');
  }
  return rule;
}
