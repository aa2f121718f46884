import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '../../../platform/config/index.js';
import type { Check, CheckContext, CheckFailure } from '../check.js';

/** Browsers send Basic credentials along on their own, so the management API takes no request of another site's page. */
@Injectable()
export class CrossSiteCheck implements Check {
  readonly name = 'cross-site';

  constructor(@Inject(Settings) private readonly settings: Settings) {}

  run({ target }: CheckContext): CheckFailure | undefined {
    const { origin, 'sec-fetch-site': site } = target.headers;
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return failure(`Sec-Fetch-Site ${String(site)}`);
    if (origin !== undefined && origin !== new URL(this.settings.publicUrl).origin)
      return failure(`Origin ${String(origin)}`);
    return undefined;
  }
}

function failure(actual: string): CheckFailure {
  return {
    category: 'forbidden',
    error: null,
    message: 'The management API takes no requests from pages of other sites.',
    expected: 'a request of the own origin, or of no page',
    actual: actual.slice(0, 200),
    remedy: 'Call the management API from its own pages or from a program; check FIREKEEP_PUBLIC_URL.',
    setting: 'FIREKEEP_PUBLIC_URL',
  };
}
