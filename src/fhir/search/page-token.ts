import { createCipheriv, createDecipheriv, hash } from 'node:crypto';
import { FirekeepError } from '../../platform/errors/index.js';
import { NonceSource } from './nonce-source.js';
import type { ParsedSearch, SearchParameterPair } from './parse-search.js';
import type { SearchQuery } from './query.js';

/** Whom a page link is for: nobody else can follow it. */
export interface PageBinding {
  /** Base URL of the endpoint of the request. */
  readonly base: string;
  /** Subject of the request; empty for an open endpoint. */
  readonly subject: string;
  /** Client of the request; empty where there is none (Basic alone). */
  readonly client: string;
}

type Position = readonly (string | number)[];

/** Where a page lies: behind a position, or before one. */
export type PageCursor = { readonly after: Position } | { readonly before: Position };

const format = 2;
const nonceLength = 12;
const tagLength = 16;
const digestLength = 16;
const longestToken = 16_384;
/** Parameters that a client may change from page to page, since the matches and their order stay the same. */
const changeable: ReadonlySet<string> = new Set([
  '_count',
  '_format',
  '_pretty',
  '_total',
  '_summary',
  '_elements',
  '_explain',
]);

/** Injection token of the `PageTokens` that searches and histories sign their links with. */
export const PAGE_TOKENS = Symbol('PageTokens');

/**
 * Page tokens: the position behind which the next page starts or before which the previous one ends, sealed with AES-256-GCM, so that the values
 * that a search sorts by don't stand in links, and nothing in it can be changed. No state is kept: the next
 * link repeats the parameters that were applied and adds the token, and a token works after a restart and on
 * every process that has the same key. It grants nothing: the position joins a query that is made anew, with
 * the access constraints of the moment.
 *
 * @example
 * const tokens = new PageTokens(secretBox.derive('search-pages'));
 */
export class PageTokens {
  private readonly nonces = new NonceSource(nonceLength);

  /** @param key 32 bytes of the process's secret key, derived for this purpose. */
  constructor(private readonly key: Buffer) {}

  /** The `_page` value of a page beside, by a position that `SearchPage` gave. */
  seal(
    cursor: PageCursor,
    types: readonly string[],
    applied: readonly SearchParameterPair[],
    binding: PageBinding,
  ): string {
    const nonce = this.nonces.next();
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce);
    const plain = Buffer.concat([
      bindingDigest(binding),
      searchDigest(types, applied),
      Buffer.from(JSON.stringify(cursor)),
    ]);
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /**
   * The query of a request, continued where its page token says; a request without one starts at the front.
   *
   * @throws FirekeepError 400 `FHIR_SEARCH_PAGE_INVALID`: not a token of this server, or one of another search;
   *   403 `FHIR_SEARCH_PAGE_FOREIGN`: made for another endpoint, subject or client.
   */
  resume(parsed: ParsedSearch, binding: PageBinding): SearchQuery {
    if (parsed.page === null) return parsed.query;
    const plain = this.open(parsed.page);
    if (!plain.subarray(0, digestLength).equals(bindingDigest(binding))) {
      throw new FirekeepError(
        'forbidden',
        'FHIR_SEARCH_PAGE_FOREIGN',
        'This page link was made for another caller or endpoint. Start the search from its first page.',
      );
    }
    const search = searchDigest(parsed.query.types, parsed.applied);
    if (!plain.subarray(digestLength, 2 * digestLength).equals(search)) throw invalidPage();
    return { ...parsed.query, ...(JSON.parse(plain.toString('utf8', 2 * digestLength)) as PageCursor) };
  }

  private open(token: string): Buffer {
    if (token.length > longestToken || !/^[\w-]+$/.test(token)) throw invalidPage();
    const bytes = Buffer.from(token, 'base64url');
    const head = 1 + nonceLength + tagLength;
    if (bytes.length < head + 2 * digestLength || bytes[0] !== format) throw invalidPage();
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(1, 1 + nonceLength), {
        authTagLength: tagLength,
      });
      decipher.setAuthTag(bytes.subarray(1 + nonceLength, head));
      return Buffer.concat([decipher.update(bytes.subarray(head)), decipher.final()]);
    } catch {
      throw invalidPage();
    }
  }
}

function invalidPage(): FirekeepError {
  return new FirekeepError(
    'invalid',
    'FHIR_SEARCH_PAGE_INVALID',
    'The page link was changed, or belongs to another search. Follow links as they are, or start from the first page.',
  );
}

function bindingDigest({ base, subject, client }: PageBinding): Buffer {
  return digest(['caller', base.replace(/\/+$/, ''), subject, client]);
}

function searchDigest(types: readonly string[], applied: readonly SearchParameterPair[]): Buffer {
  const parameters = applied.filter(([name]) => !changeable.has(name));
  return digest(['search', types, parameters]);
}

function digest(value: unknown): Buffer {
  return hash('sha256', JSON.stringify(value), 'buffer').subarray(0, digestLength);
}
