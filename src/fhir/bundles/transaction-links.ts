import { FirekeepError } from '../../platform/errors/index.js';
import { entryPlace } from '../format/bundle-text.js';
import { LinkUrls, type Link } from '../format/links.js';

/** `Practitioner?identifier=…` in Reference.reference. Source: FHIR R4 http.html#trules. */
const conditionalReference = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s;

/** What the resource of an entry will be known as: `Patient/17`; pending: known once criteria are resolved. */
export type LinkTarget = { readonly reference: string } | { readonly pendingEntry: number };

/**
 * Which URLs stand for which resources of a transaction, by the fullUrl of its entries.
 * Source: FHIR R4 http.html#trules, bundle.html#references.
 */
export class TransactionLinks {
  private readonly targets = new Map<string, LinkTarget>();
  private urls: LinkUrls | undefined;

  /** @throws FirekeepError `FHIR_DUPLICATE_FULL_URL` */
  add(fullUrl: string, target: LinkTarget, index: number): void {
    if (this.targets.has(fullUrl)) {
      const message = `${entryPlace(index)} has the fullUrl of another entry.`;
      throw new FirekeepError('invalid', 'FHIR_DUPLICATE_FULL_URL', message, {
        issues: [{ message, expression: `${entryPlace(index)}.fullUrl` }],
      });
    }
    this.targets.set(fullUrl, target);
  }

  /** For `findLinks`, once every entry has been added. */
  get linkUrls(): LinkUrls {
    return (this.urls ??= new LinkUrls(this.targets.keys()));
  }

  /**
   * What a URL in an entry stands for; undefined: nothing in this transaction. A relative reference counts as
   * below the base of the entry's own fullUrl.
   */
  find(url: string, kind: Link['kind'], ownFullUrl: string | undefined): LinkTarget | undefined {
    const direct = this.targets.get(url);
    if (direct !== undefined || kind !== 'reference' || ownFullUrl === undefined) return direct;
    const base = restfulBase(ownFullUrl);
    return base === undefined ? undefined : this.targets.get(base + url);
  }
}

function restfulBase(fullUrl: string): string | undefined {
  return /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl)?.[1];
}

export interface ConditionalReference {
  readonly type: string;
  readonly criteria: string;
}

/** The criteria of a conditional reference; undefined: it is another one. */
export function parseConditionalReference(kind: Link['kind'], url: string): ConditionalReference | undefined {
  if (kind !== 'reference') return undefined;
  const [, type, criteria] = conditionalReference.exec(url) ?? [];
  return type === undefined || criteria === undefined ? undefined : { type, criteria };
}
