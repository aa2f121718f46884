import type { Interaction } from '../../contract/index.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import type { OperationUnit } from './operation-unit.js';
import type { OperationParameters } from './operation-parameters.js';
import type { WritePrecondition } from '../exchange/preconditions.js';

/** Where an operation is called: `[base]/$x`, `[base]/Patient/$x`, `[base]/Patient/17/$x`. */
export type OperationLevel = 'system' | 'type' | 'instance';

/** An input parameter of an operation. Source: FHIR R4 operationdefinition.html, OperationDefinition.parameter. */
export interface OperationParameter {
  readonly name: string;
  /** FHIR type: `code`, `uri`, `Meta`, `Resource`. Primitive ones may stand in the query. */
  readonly type: string;
  /** Of a call by POST only. */
  readonly only?: 'POST';
  /** A sentence for the documentation. */
  readonly documentation: string;
  /** Of a `string`: written as the value of a search parameter of this type. */
  readonly searchType?: 'token' | 'reference' | 'date' | 'quantity' | 'string' | 'uri' | 'number';
  /** It may stand several times; absent: once. */
  readonly repeats?: true;
}

/** A call that passed the gate and the operation's own access rule. */
export interface OperationCall {
  readonly context: InteractionContext;
  readonly level: OperationLevel;
  /** A known resource type; absent at system level. */
  readonly type?: string;
  /** A well-formed id; present at instance level only. */
  readonly id?: string;
  readonly parameters: OperationParameters;
  /** Unknown parameters that were left out, since the client asks for lenient handling. */
  readonly leftOut: readonly string[];
  /** Called by GET or HEAD. */
  readonly isRead: boolean;
  /** From If-Match and If-None-Match. */
  readonly precondition: WritePrecondition;
}

/**
 * An operation: the CapabilityStatement lists it, the gate asks who calls, its access rule is checked, and then
 * it runs.
 *
 * @see https://hl7.org/fhir/R4/operations.html
 */
export interface FhirOperation {
  /** Without the dollar sign. */
  readonly name: string;
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string;
  /** Whether it changes anything; such an operation is called by POST only. */
  readonly affectsState: boolean;
  /** Of one that changes something: called by GET too, which changes nothing and tells what became of it. */
  readonly isWatched?: boolean;
  /** Of one that changes something only where a parameter asks for it: called by GET too, which never does. */
  readonly readsByGet?: true;
  /**
   * It sees nothing but what the passage shows of the store by this interaction, so that rights hold for
   * every resource that it touches. Callers need to be allowed `access` in part only: `patient/` scopes and the role
   * `patient` will do.
   */
  readonly narrows?: 'read' | 'search-type';
  /** Its answer tells which parameters were left out (`OperationCall.leftOut`); absent: unknown ones are refused always. */
  readonly tellsLeftOut?: true;
  /** What it does, in a sentence for the documentation. */
  readonly documentation?: string;
  /** FHIR type of the parameter `return`; absent: any resource. */
  readonly returns?: string;
  /** Called by administrators only, whatever interactions they are allowed. */
  readonly forAdministrators?: boolean;
  /** What it takes: anything else is refused with 400. Absent: it looks at its parameters itself. */
  readonly parameters?: readonly OperationParameter[];
  /** It takes others than these too, and looks at them itself. */
  readonly takesOthers?: true;
  /** Resource types that have it; absent: all. */
  readonly types?: readonly string[];
  /**
   * The levels it is called at, and the interactions that a caller must be allowed at each, all of them and, unless it
   * `narrows`, without restriction. None is taken only of an operation for administrators: it can't be open by being
   * forgotten.
   */
  readonly access: Readonly<Partial<Record<OperationLevel, readonly Interaction[]>>>;
  /** Of one that only reads, or that has a way of its own to change things. @throws FirekeepError */
  execute?(call: OperationCall): Promise<InteractionResult>;
  /**
   * In place of `execute`, of one that writes resources: what it wants to write, decided inside the transaction. Such an
   * operation may stand in a batch and in a transaction, and callers need to be allowed `access` in part only, since each
   * of its writes is held to their rights.
   *
   * @throws FirekeepError
   */
  plan?(call: OperationCall): OperationUnit | Promise<OperationUnit>;
}
