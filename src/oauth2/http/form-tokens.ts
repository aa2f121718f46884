import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../platform/crypto/index.js';
import { FirekeepError } from '../../platform/errors/index.js';

/** Tokens against forged forms: beside the SameSite cookie that only the browser of the page has. */
@Injectable()
export class FormTokens {
  constructor(private readonly secretBox: SecretBox) {}

  /** @param page what the form is part of, and whose */
  of(page: string): string {
    return this.secretBox.digest('oauth2-csrf', page);
  }

  /** @throws FirekeepError 403 `OAUTH2_FORM_FORGED` */
  check(page: string, form: URLSearchParams): void {
    const given = Buffer.from(form.get('csrf') ?? '');
    const expected = Buffer.from(this.of(page));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw forged();
  }
}

export function forged(): FirekeepError {
  return new FirekeepError(
    'forbidden',
    'OAUTH2_FORM_FORGED',
    'The form did not come from the page that was shown. Go back to the application and start again.',
  );
}
