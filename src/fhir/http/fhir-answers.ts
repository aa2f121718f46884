import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { refuseParameters } from '../exchange/address-parameters.js';
import type { InteractionContext } from '../exchange/interaction-context.js';
import { isWrite, type InteractionRequest } from '../exchange/interaction-request.js';
import { versionUrl, type InteractionResult } from '../exchange/interaction-result.js';
import { OperationCaller } from '../operations/operation-caller.js';
import { sendBinary } from './binary-reply.js';
import { sendCommitted, sendLasting, sendResult, sendStreamed, sendWritten } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { RequestScopes } from './request-scopes.js';

/** Has what a route asks for dispatched, and puts the result into HTTP. */
@Injectable()
export class FhirAnswers {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly operations: OperationCaller,
    private readonly scopes: RequestScopes,
  ) {}

  /**
   * @param type resource type of the answer, where the address names one
   * @param asked what the route asks for
   * @throws FirekeepError
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    type: string | undefined,
    asked: (fhir: FhirRequest) => InteractionRequest,
  ): Promise<void> {
    const fhir = new FhirRequest(request, type);
    const interaction = asked(fhir);
    if (isWrite(interaction) && !('criteria' in interaction)) refuseParameters(fhir.queryParameters);
    const changes = this.mayChange(interaction);
    const context = changes
      ? fhir.contextWithin(this.scopes.of(request, true))
      : contextOf(fhir, interaction);
    const result = await this.dispatcher.answer(context, interaction);
    if (result.stream === undefined) this.reply(request, reply, fhir, interaction, result, changes);
    else await sendStreamed(reply, fhir.form, result);
  }

  private reply(
    request: FastifyRequest,
    reply: FastifyReply,
    fhir: FhirRequest,
    asked: InteractionRequest,
    result: InteractionResult,
    changes: boolean,
  ): void {
    const { status, version } = result;
    if (status === 201 && version !== undefined) {
      void reply.header('location', versionUrl(fhir.context.endpoint.base, version));
    }
    if (isWrite(asked)) sendWritten(reply, fhir, result);
    else if (changes) sendCommitted(reply, fhir.form, result);
    else if (asked.interaction === 'capabilities') sendLasting(reply, fhir.form, result);
    else if (asked.type === 'Binary' && (asked.interaction === 'read' || asked.interaction === 'vread')) {
      sendBinary(request, reply, fhir, result);
    } else sendResult(reply, fhir.form, result);
  }

  /** Whether something may have been done by the time that it is answered. */
  private mayChange(asked: InteractionRequest): boolean {
    if (asked.interaction !== 'operation') return isWrite(asked);
    return asked.method === 'POST' && this.operations.changes(asked.target, asked.method);
  }
}

function contextOf(fhir: FhirRequest, { interaction }: InteractionRequest): InteractionContext {
  return interaction === 'capabilities' ? fhir.publicContext : fhir.context;
}
