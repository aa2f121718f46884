import type { Interaction } from './interaction.js';
import type { Principal } from './principal.js';

/** An entry of a Bundle, as the gate would see it if it came as a request of its own. */
export interface GatedEntry {
  readonly method: string;
  /** Public address and path, without the query. */
  readonly url: string;
  readonly interaction: Interaction;
  /** Type, id and operation (with its dollar sign) of the address; null: it names none. */
  readonly resourceType: string | null;
  readonly id: string | null;
  readonly operation: string | null;
}

/**
 * Asks the checks that extensions add to the gate about each entry of a Bundle, so that none of them is got round by a
 * batch or transaction. Filled by `access`, asked by `fhir`, which must not import it.
 */
export interface EntryGate {
  /**
   * @param principal who came through the gate with the Bundle
   * @param authorize asks the policy, between the checks that stand before and those that stand behind it
   * @throws FirekeepError as the gate refuses a request; what `authorize` throws
   */
  admit(principal: Principal, entry: GatedEntry, authorize: () => void): Promise<void>;
}

/** Injection token of the EntryGate. */
export const ENTRY_GATE = Symbol('EntryGate');
