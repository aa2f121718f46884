import { FieldErrors } from '../../platform/errors/index.js';

const minimumLength = 8;
/** Bytes in UTF-8; also what `verify` looks at, so that no one hashes megabytes. */
export const maximumPasswordBytes = 512;

/** Composed form, so that a password typed on another system is the same one (RFC 8265, OpaqueString). */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

/** @throws FirekeepError 400 `USERS_INVALID` */
export function checkPassword(username: string, password: string): void {
  const errors = new FieldErrors();
  const normalized = normalizePassword(password);
  const length = Array.from(normalized).length;
  errors.when(length < minimumLength, 'password', `Use at least ${minimumLength} characters.`);
  errors.when(
    Buffer.byteLength(normalized) > maximumPasswordBytes,
    'password',
    `Use at most ${maximumPasswordBytes} bytes.`,
  );
  // What a keyboard can't type and RFC 7617 forbids.
  errors.when(/[\u0000-\u001f\u007f]/.test(normalized), 'password', 'Control characters are not allowed.');
  errors.when(
    normalized.toLowerCase() === username.toLowerCase(),
    'password',
    'The password must not be the username.',
  );
  errors.throwIfAny('USERS_INVALID');
}
