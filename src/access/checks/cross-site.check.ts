import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FhirCors } from '../cors/fhir-cors.js';
import type { Check, CheckContext, CheckFailure, GuardedTarget } from './check.js';

/** Methods that a page may only read an answer by, which CORS decides on. */
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Browsers send Basic credentials along on their own, and forms and plain text without asking before. So the
 * management API takes no request of another site's page, and an endpoint that asks for Basic or nothing takes from
 * it only what reads, save for pages of clients that an administrator has made or approved the address of: whoever
 * registers by themselves must not gain by it what a stranger's page hasn't.
 */
@Injectable()
export class CrossSiteCheck implements Check {
  readonly name = 'cross-site';

  constructor(
    private readonly settings: Settings,
    private readonly cors: FhirCors,
  ) {}

  async run({ target }: CheckContext): Promise<CheckFailure | undefined> {
    const { origin, 'sec-fetch-site': site } = target.headers;
    if (target.kind === 'fhir' && reading.has(target.method)) return undefined;
    if (target.kind === 'fhir' && (await this.cors.isTrusted(origin))) return undefined;
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return failure(target, `Sec-Fetch-Site ${String(site)}`);
    if (origin !== undefined && origin !== new URL(this.settings.publicUrl).origin)
      return failure(target, `Origin ${String(origin)}`);
    return undefined;
  }
}

function failure({ kind }: GuardedTarget, actual: string): CheckFailure {
  const shared = { category: 'forbidden', error: null, actual: actual.slice(0, 200) } as const;
  if (kind === 'fhir')
    return {
      ...shared,
      message: 'This endpoint takes requests that change something from no page of another site.',
      expected:
        'a request of the own origin, of the origin of a client that an administrator approved, or of no page',
      remedy:
        'Have an administrator name a redirect URI of that origin at the client, or send the request from a program.',
      setting: 'redirectUris of the client',
    };
  return {
    ...shared,
    message: 'The management API takes no requests from pages of other sites.',
    expected: 'a request of the own origin, or of no page',
    remedy: 'Call the management API from its own pages or from a program; check FIREKEEP_PUBLIC_URL.',
    setting: 'FIREKEEP_PUBLIC_URL',
  };
}
