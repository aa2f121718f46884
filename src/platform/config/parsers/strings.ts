import { isRepositoryName } from '../repository-name.js';
import { invalidSetting } from '../invalid-setting.js';

export const text = (value: string): string => value;

export function secretKey(value: string): string {
  if (Buffer.from(value, 'base64').length !== 32) {
    throw invalidSetting('must be 32 bytes in base64 (make one with: openssl rand -base64 32)');
  }
  return value;
}

export function timeZone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
  } catch {
    throw invalidSetting('must be an IANA time zone such as Europe/Berlin');
  }
  return value;
}

export function productName(value: string): string {
  const name = value.trim();

  if (name === '' || name.length > 60 || /[\u0000-\u001f\u007f]/.test(name)) {
    throw invalidSetting('must have 1 to 60 characters');
  }
  return name;
}

export function repositoryName(value: string): string {
  if (!isRepositoryName(value)) {
    throw invalidSetting('must be the name of a repository: lower-case letters, digits and -');
  }
  return value;
}

/** Scope tokens of RFC 6749, section 3.3, by spaces; what they mean is for the authorization server to say. */
export function scopeTokens(value: string): string {
  if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value)) {
    throw invalidSetting('must be names of scopes by spaces, such as openid user/*.rs');
  }
  return value;
}
