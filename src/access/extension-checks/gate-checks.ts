import { Injectable } from '@nestjs/common';
import type { Interaction, Principal } from '../../contract/index.js';
import type { FhirEndpoint } from '../../endpoints/index.js';
import { FirekeepError } from '../../platform/errors/index.js';

/** A request that has passed the checks before, as an extension sees it. */
export interface GateRequest {
  /** Who asks. What they may is not settled before `scope`, or before `admin-role` at the management API. */
  readonly principal: Principal;
  /** Null: the management API. */
  readonly endpoint: FhirEndpoint | null;
  readonly method: string;
  /** As the caller writes it: public address and path, without the query. */
  readonly url: string;
  /** `transaction` of a Bundle, whose entries are asked about behind it, one by one. Null: the management API. */
  readonly interaction: Interaction | null;
  /** Type, id and operation of the address; null: it names none. */
  readonly resourceType: string | null;
  readonly id: string | null;
  readonly operation: string | null;
  /** Of the client, as far as the proxies in front of Firekeep are trusted. */
  readonly address: string;
  /** By lower-case names; without `authorization`, `dpop` and `cookie`. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Only asked how it would end (`POST /admin/api/v1/access-simulations`): address and most headers are not there. */
  readonly isSimulated: boolean;
  /** An entry of a Bundle, with method and address of its own; address and headers are those of the Bundle. */
  readonly isEntry: boolean;
}

/** Why a request is refused. Only `message` reaches the caller; the rest is what `firekeep explain` tells. */
export interface GateRefusal {
  readonly message: string;
  /** What the check asks for. */
  readonly expected: string;
  /** What came instead. */
  readonly actual: string;
  /** What to change. */
  readonly remedy: string;
  /** The setting or object to look at; absent: the extension. */
  readonly setting?: string;
  /** Seconds after which it may be tried again: the answer is 429 instead of 403. */
  readonly retryAfter?: number;
}

/** A check of the gate that an extension adds. It can refuse what would be allowed, and allows nothing by itself. */
export interface GateCheck {
  /**
   * Name of the extension, a dot, and letters, digits and `-`: `clinic.opening-hours`. At most 40 characters; refusals and
   * `firekeep explain` show it among the checks of the gate.
   */
  readonly name: string;
  /** Before or behind the check that asks scopes and roles: `scope`, at the management API `admin-role`. */
  readonly position: 'before-scope' | 'behind-scope';
  /** Where it stands; FHIR endpoints where it is absent. Metadata and other public addresses are asked nothing. */
  readonly guards?: readonly ('fhir' | 'administration')[];
  /**
   * Undefined: the request may pass. Where it throws or takes longer than `FIREKEEP_HOOK_TIMEOUT`, the request is refused
   * with 503: a check that can't be made is not passed. It stands in the way of every request, so it must be quick.
   *
   * @param signal aborted when its time is over
   */
  check(
    request: GateRequest,
    signal: AbortSignal,
  ): GateRefusal | undefined | Promise<GateRefusal | undefined>;
}

/**
 * The checks that extensions add to the gate, in the order in which they were added.
 *
 * @example
 * checks.add({
 *   name: 'clinic.opening-hours',
 *   position: 'behind-scope',
 *   check: ({ principal }) => (isOpen() || principal.roles.includes('admin') ? undefined : closed),
 * });
 */
@Injectable()
export class GateChecks {
  private readonly checks: GateCheck[] = [];
  private isClosed = false;

  /**
   * Call it in the constructor or `onModuleInit` of a module.
   *
   * @throws FirekeepError `EXTENSION_CHECK_INVALID` for a name that is taken or none, or when requests are answered already
   */
  add(check: GateCheck): void {
    const { name, position, guards = ['fhir'] } = check;
    if (!/^[a-z][a-z0-9]*\.[a-z0-9-]+$/.test(name) || name.length > 40) {
      throw invalid(name, 'its name is none: extension, ".", letters, digits and "-", at most 40 characters');
    }
    if (this.checks.some((other) => other.name === name)) throw invalid(name, 'there is one of this name');
    if (!['before-scope', 'behind-scope'].includes(position)) throw invalid(name, 'it has no such position');
    if (guards.length === 0 || guards.some((each) => !['fhir', 'administration'].includes(each))) {
      throw invalid(name, 'it guards "fhir", "administration" or both');
    }
    if (this.isClosed) throw invalid(name, 'requests have been let in without it');
    this.checks.push(check);
  }

  /** Every check; none is added from now on. */
  close(): readonly GateCheck[] {
    this.isClosed = true;
    return this.checks;
  }
}

function invalid(name: string, problem: string): FirekeepError {
  return new FirekeepError(
    'internal',
    'EXTENSION_CHECK_INVALID',
    `The check "${name}" can't be added: ${problem}.`,
  );
}
