import type { Interaction } from '../../contract/index.js';
import type { SubsetRequest } from '../format/subset/subset-request.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import type { OperationTarget } from './operation-target.js';
import type { PatchText } from './patch-text.js';
import type { ReadCondition, WritePrecondition } from './preconditions.js';

/** What a request brings along, or what reads it: a body is looked at once it is known that the request may be made. */
export type Sent<T> = T | (() => T | Promise<T>);

/** What was sent, read now if it hasn't been. @throws FirekeepError what is wrong with it */
export async function received<T extends Buffer | PatchText | undefined>(sent: Sent<T>): Promise<T> {
  return await (isReader(sent) ? sent() : sent);
}

function isReader<T>(sent: Sent<T>): sent is () => T | Promise<T> {
  return typeof sent === 'function';
}

/**
 * What a client asks for, as a request of its own or as an entry of a Bundle: both mean the same.
 * Source: FHIR R4 http.html, http.html#transaction.
 */
export type InteractionRequest<Resource = Sent<Buffer>, Patch = Sent<PatchText>> =
  | {
      readonly interaction: 'create';
      readonly type: string;
      readonly resource: Resource;
      readonly ifNoneExist: string | undefined;
    }
  | {
      readonly interaction: 'update';
      readonly type: string;
      readonly id: string;
      readonly resource: Resource;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-update';
      readonly type: string;
      readonly criteria: string;
      readonly resource: Resource;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'patch';
      readonly type: string;
      readonly id: string;
      readonly patch: Patch;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-patch';
      readonly type: string;
      readonly criteria: string;
      readonly patch: Patch;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'delete';
      readonly type: string;
      readonly id: string;
      readonly precondition: WritePrecondition;
    }
  | {
      readonly interaction: 'conditional-delete';
      readonly type: string;
      readonly criteria: string;
      readonly precondition: WritePrecondition;
    }
  | ReadingRequest;

/** A request that is answered by what it finds; but for operations, it changes nothing. */
export type ReadingRequest = {
  readonly isHead?: true;
  /** What `_summary` or `_elements` leave of the answer. */
  readonly subset?: SubsetRequest;
} & (
  | {
      readonly interaction: 'read';
      readonly type: string;
      readonly id: string;
      readonly condition: ReadCondition;
    }
  | {
      readonly interaction: 'vread';
      readonly type: string;
      readonly id: string;
      readonly version: string;
      readonly condition: ReadCondition;
    }
  | {
      readonly interaction: 'history-instance';
      readonly type: string;
      readonly id: string;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'history-type';
      readonly type: string;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'history-system';
      readonly type: null;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'search-type';
      readonly type: string;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'search-system';
      readonly type: null;
      readonly parameters: readonly SearchParameterPair[];
    }
  | {
      readonly interaction: 'compartment-search';
      /** Type that is searched; null: every one that the compartment has. */
      readonly type: string | null;
      readonly owner: { readonly type: string; readonly id: string };
      readonly parameters: readonly SearchParameterPair[];
    }
  | { readonly interaction: 'capabilities'; readonly type: null; readonly mode: string | undefined }
  | OperationRequest
);

/** A call of an operation. */
export interface OperationRequest {
  readonly interaction: 'operation';
  /** Null: called at the base. */
  readonly type: string | null;
  readonly method: string;
  readonly target: OperationTarget;
  readonly parameters: readonly SearchParameterPair[];
  /** Parameters, or the resource that the operation is about. */
  readonly body: Sent<Buffer | undefined>;
  readonly precondition: WritePrecondition;
}

/** A request with all that belongs to it at hand: an entry of a Bundle. */
export type EntryRequest = InteractionRequest<Buffer, PatchText>;

/** The interaction that the policy is asked about. */
export function interactionOf(request: InteractionRequest): Interaction {
  const { interaction } = request;
  switch (interaction) {
    case 'compartment-search':
      return request.type === null ? 'search-system' : 'search-type';
    case 'conditional-update':
      return 'update';
    case 'conditional-patch':
      return 'patch';
    case 'conditional-delete':
      return 'delete';
    default:
      return interaction;
  }
}

/** Whether it begins with a search, which needs the right to search. */
export function isConditional(request: InteractionRequest): boolean {
  return 'criteria' in request || (request.interaction === 'create' && request.ifNoneExist !== undefined);
}

/** Whether it changes something. */
export function isWrite(request: InteractionRequest): boolean {
  return ['create', 'update', 'patch', 'delete'].includes(interactionOf(request));
}
