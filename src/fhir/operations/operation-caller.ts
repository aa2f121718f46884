import { Injectable } from '@nestjs/common';
import { FirekeepError } from '../../platform/errors/index.js';
import { wrongShape } from '../format/json-errors.js';
import { isResourceId } from '../format/resource-id.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { received, type OperationRequest } from '../exchange/interaction-request.js';
import { OperationParameters } from './operation-parameters.js';
import { requireTypes } from './parameter-types.js';
import type { InteractionResult } from '../exchange/interaction-result.js';
import { invalidId, ResourceIntake } from '../exchange/resource-intake.js';
import type { OperationTarget } from '../exchange/operation-target.js';
import type { FhirOperation, OperationCall, OperationLevel } from './fhir-operation.js';
import { accessOf, FhirOperations } from './fhir-operations.js';
import { OperationWriter, type OperationCondition, type PlannedOperation } from './operation-writer.js';

type Call = Pick<OperationCall, 'context' | 'parameters' | 'isRead' | 'precondition'>;

/**
 * Finds the operation of a call, checks its access rule and runs it.
 *
 * @see https://hl7.org/fhir/R4/operations.html
 */
@Injectable()
export class OperationCaller {
  constructor(
    private readonly operations: FhirOperations,
    private readonly access: InteractionAccess,
    private readonly intake: ResourceIntake,
    private readonly writer: OperationWriter,
  ) {}

  /**
   * The operation, once its access rule has been checked.
   *
   * @throws FirekeepError 404, 403, 405 for another method than the operation takes
   */
  authorize(
    target: OperationTarget,
    method: string,
    principal: OperationCall['context']['principal'],
  ): FhirOperation {
    const { name, type, id } = target;
    const operation = this.operations.find(name, type);
    const interactions = operation && accessOf(operation, levelOf(target), type);
    if (operation === undefined || interactions === undefined)
      throw unknownOperation(target, this.operations.named(name));
    if (type !== undefined) this.intake.requireType(type);
    if (id !== undefined && !isResourceId(id)) throw invalidId(id);
    if (operation.forAdministrators === true) this.access.requireAdministrator(principal, `$${name}`);
    for (const interaction of interactions) {
      const resource = { resourceType: type ?? null, ...(id === undefined ? {} : { id }) };
      const request = { principal, interaction, ...resource };
      if (isNarrowed(operation)) this.access.require(request);
      else this.access.requireUnrestricted(request);
    }
    const methods = readsByGet(operation) ? ['GET', 'HEAD', 'POST'] : ['POST'];
    if (!methods.includes(method)) throw wrongMethod(name, methods);
    return operation;
  }

  /** Runs a call that `authorize` has been asked about. @throws FirekeepError */
  async call(context: InteractionContext, request: OperationRequest): Promise<InteractionResult> {
    const { operation, call } = await this.read(context, request);
    if (operation.plan !== undefined) {
      return this.writer.commit(context, operation.name, await operation.plan(call), conditionOf(call));
    }
    if (operation.execute === undefined) throw unknownOperation(request.target, []);
    return operation.execute(call);
  }

  /** Whether a call is one whose writes can be part of a transaction. */
  isPlanned({ name, type }: OperationTarget): boolean {
    return this.operations.find(name, type)?.plan !== undefined;
  }

  /**
   * What a call that `authorize` has been asked about wants to write as part of a transaction.
   *
   * @throws FirekeepError
   */
  async planned(context: InteractionContext, request: OperationRequest): Promise<PlannedOperation> {
    const { operation, call } = await this.read(context, request);
    if (operation.plan === undefined) throw unknownOperation(request.target, []);
    return this.writer.prepared(context, operation.name, await operation.plan(call), conditionOf(call));
  }

  private async read(
    context: InteractionContext,
    request: OperationRequest,
  ): Promise<{ readonly operation: FhirOperation; readonly call: OperationCall }> {
    const { target, method, precondition } = request;
    const { name, type, id } = target;
    const operation = this.operations.find(name, type);
    if (operation === undefined) throw unknownOperation(target, []);
    const parameters = OperationParameters.read(request.parameters, await received(request.body));
    const call = { context, parameters, isRead: method !== 'POST', precondition };
    return {
      operation,
      call: {
        ...call,
        ...known(operation, call),
        level: levelOf(target),
        ...(type === undefined ? {} : { type }),
        ...(id === undefined ? {} : { id }),
      },
    };
  }

  /** Whether a call may change something. */
  changes({ name, type }: OperationTarget, method: string): boolean {
    const operation = this.operations.find(name, type);
    if (operation === undefined) return false;
    return operation.affectsState && !(operation.readsByGet === true && method !== 'POST');
  }
}

/** Whether what it touches is held to the caller's rights one by one. */
function isNarrowed(operation: FhirOperation): boolean {
  return operation.narrows !== undefined || operation.plan !== undefined;
}

/** @throws FirekeepError 400 for a parameter that the operation doesn't have */
function known(
  { parameters, takesOthers, tellsLeftOut }: FhirOperation,
  call: Call,
): Pick<OperationCall, 'parameters' | 'leftOut'> {
  if (parameters !== undefined) requireTypes(call.parameters.given, parameters);
  if (parameters === undefined || takesOthers === true) return { parameters: call.parameters, leftOut: [] };
  const taken = parameters.filter(({ only }) => only === undefined || !call.isRead).map(({ name }) => name);
  if (tellsLeftOut === true && call.context.asksLenient === true) return call.parameters.only(taken);
  call.parameters.allowOnly(taken);
  return { parameters: call.parameters, leftOut: [] };
}

/** @throws FirekeepError 400 where there is no resource that it could hold of */
function conditionOf({ precondition, type, id }: OperationCall): OperationCondition | undefined {
  if (precondition.ifMatch === undefined && precondition.ifNoneMatch === undefined) return undefined;
  if (type === undefined || id === undefined) {
    throw wrongShape('If-Match and If-None-Match are for operations that are called on a resource.');
  }
  return { type, id, precondition };
}

function readsByGet({ affectsState, isWatched, readsByGet: reads }: FhirOperation): boolean {
  return !affectsState || isWatched === true || reads === true;
}

function levelOf({ type, id }: OperationTarget): OperationLevel {
  if (id !== undefined) return 'instance';
  return type === undefined ? 'system' : 'type';
}

function unknownOperation({ name }: OperationTarget, known: readonly FhirOperation[]): FirekeepError {
  const places = known.map(({ access, types }) => {
    const levels = Object.keys(access).join(', ');
    return types === undefined ? levels : `${levels} (${types.join(', ')})`;
  });
  const message =
    places.length === 0
      ? `There is no operation "$${name.slice(0, 64)}".`
      : `The operation "$${name}" is not called here, but at the level of: ${places.join('; ')}.`;
  return new FirekeepError('not-found', 'FHIR_UNKNOWN_OPERATION', message, {
    issues: [{ message, code: 'not-supported' }],
  });
}

function wrongMethod(name: string, methods: readonly string[]): FirekeepError {
  const allow = methods.join(', ');
  const message = `The operation "$${name}" is called by ${allow}.`;
  return new FirekeepError('method-not-allowed', 'FHIR_METHOD_NOT_ALLOWED', message, { headers: { allow } });
}
