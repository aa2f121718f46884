import { Injectable } from '@nestjs/common';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { TimeIsOver, withinTime } from '../../platform/extension/index.js';
import { Logger } from '../../platform/logging/index.js';
import { isReservedClaim } from './reserved-claims.js';

/** What claims are asked for. */
export interface ClaimRequest {
  /** `access-token`: told by introspection too, and part of a JWT. */
  readonly use: 'access-token' | 'id-token' | 'userinfo';
  /** Username or, where a client has a token for itself, client id. */
  readonly subject: string;
  readonly kind: 'user' | 'client';
  readonly clientId: string;
  /** Of the token. */
  readonly scopes: readonly string[];
  /** Base URL that the access token is for; null: none. */
  readonly audience: string | null;
}

/** Claims by their names: what JSON can hold. Those that are undefined are left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** Where claims of an extension come from. */
export interface ClaimSource {
  /** Name of the extension, a dot, and letters, digits and `-`: `clinic.ward`; for the log. */
  readonly name: string;
  /**
   * Names of the claims that it gives; others are not let through. Claims that are of this server alone are best named by a
   * URL. Those of JWT, OpenID Connect, introspection and SMART (`sub`, `scope`, `patient`, …) are not given by extensions.
   */
  readonly claims: readonly string[];
  /**
   * Called for each token, and whenever userinfo is asked. Where it throws or takes longer than `FIREKEEP_HOOK_TIMEOUT`,
   * the request for the token fails: what a claim says may be a restriction, so a token never goes without it.
   *
   * @param signal aborted when the time is over
   */
  claimsFor(request: ClaimRequest, signal: AbortSignal): Claims | Promise<Claims>;
}

/** Bytes of JSON that the claims of one source may have in a token: it is stored, and goes into headers as a JWT. */
const mostBytes = 4_096;

/**
 * Claims that extensions add to access tokens, id tokens and userinfo.
 *
 * @example
 * claims.add({
 *   name: 'clinic.ward',
 *   claims: ['https://clinic.example.org/ward'],
 *   claimsFor: async ({ subject }) => ({ 'https://clinic.example.org/ward': await this.wardOf(subject) }),
 * });
 */
@Injectable()
export class ClaimSources {
  private readonly sources: ClaimSource[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
  ) {}

  /**
   * Call it in the constructor or `onModuleInit` of a module, before the first request.
   *
   * @throws FirekeepError `EXTENSION_CLAIMS_INVALID` for names that are reserved, taken or none
   */
  add(source: ClaimSource): void {
    const { name, claims } = source;
    if (!/^[a-z][a-z0-9]*\.[a-z0-9-]+$/.test(name) || name.length > 100) {
      throw invalid(name, 'its name is none: extension, ".", letters, digits and "-"');
    }
    if (claims.length === 0) throw invalid(name, 'it names no claims');
    for (const claim of claims) {
      if (claim === '' || claim.length > 200)
        throw invalid(name, 'a claim has a name of 1 to 200 characters');
      if (isReservedClaim(claim)) throw invalid(name, `the claim "${claim}" has a meaning of its own`);
      if (this.names.includes(claim)) throw invalid(name, `the claim "${claim}" is given by another source`);
    }
    this.sources.push(source);
  }

  /** Of all claims. */
  get names(): readonly string[] {
    return this.sources.flatMap(({ claims }) => claims);
  }

  /**
   * The claims of all sources.
   *
   * @throws FirekeepError 500 `OAUTH2_CLAIMS_FAILED`, 503 `OAUTH2_CLAIMS_TIMEOUT`
   */
  async claimsFor(request: ClaimRequest): Promise<Claims> {
    if (this.sources.length === 0) return {};
    const given = await Promise.all(this.sources.map((source) => this.ask(source, request)));
    return Object.assign({}, ...given) as Claims;
  }

  private async ask(source: ClaimSource, request: ClaimRequest): Promise<Claims> {
    const limit = this.settings.get('hookTimeout') * 1_000;
    try {
      return accepted(source, await withinTime(limit, (signal) => source.claimsFor(request, signal)));
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      this.logger.error('claims of an extension failed', {
        source: source.name,
        use: request.use,
        error: { message, stack },
      });
      throw error instanceof TimeIsOver ? timedOut() : failed(error);
    }
  }
}

/** @throws Error with what is wrong with them */
function accepted({ claims: names }: ClaimSource, given: unknown): Claims {
  if (typeof given !== 'object' || given === null)
    throw new Error('no claims were returned, but something else');
  const foreign = Object.keys(given).find((name) => !names.includes(name));
  if (foreign !== undefined) throw new Error(`the claim "${foreign}" was not declared`);
  const text = JSON.stringify(given);
  if (Buffer.byteLength(text) > mostBytes) throw new Error(`the claims are larger than ${mostBytes} bytes`);
  // What stands in the token is what was measured: no getter, no toJSON, no object that changes afterwards.
  return JSON.parse(text) as Claims;
}

function invalid(name: string, problem: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_CLAIMS_INVALID',
    `The claims "${name}" can't be added: ${problem}.`,
  );
}

function failed(cause: unknown): FirekeepError {
  return new FirekeepError(
    'internal',
    'OAUTH2_CLAIMS_FAILED',
    'An extension of this server failed to say what belongs into the token.',
    { cause },
  );
}

function timedOut(): FirekeepError {
  return new FirekeepError(
    'unavailable',
    'OAUTH2_CLAIMS_TIMEOUT',
    'An extension of this server did not say in time what belongs into the token. Try again later.',
    { retryAfter: 5 },
  );
}
