import { All, Controller, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationCaller } from '../operations/operation-caller.js';
import { OperationParameters } from '../operations/operation-parameters.js';
import { sendCommitted, sendStreamed } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { PerEntry } from './rule.js';
import type { OperationTarget } from '../exchange/operation-target.js';

/** The router matches decoded segments, so `%24validate` comes here too. */
const operation = ':op(^\\$[\\w-]+$)';

/**
 * The routes of operations. The gate asks who calls; which interactions a caller must be allowed is declared by
 * each operation and checked before anything of the request is read.
 *
 * @see https://hl7.org/fhir/R4/operations.html
 */
@ApiExcludeController()
@Controller('@fhir')
export class OperationController {
  constructor(private readonly caller: OperationCaller) {}

  @All(operation)
  @PerEntry('operation')
  system(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('op') op: string): Promise<void> {
    return this.answer(request, reply, { name: op.slice(1) });
  }

  @All(`:type/${operation}`)
  @PerEntry('operation')
  type(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('op') op: string,
    @Param('type') type: string,
  ): Promise<void> {
    return this.answer(request, reply, { name: op.slice(1), type });
  }

  @All(`:type/:id/${operation}`)
  @PerEntry('operation')
  instance(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('op') op: string,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.answer(request, reply, { name: op.slice(1), type, id });
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, target: OperationTarget): Promise<void> {
    const fhir = new FhirRequest(request);
    const { context, queryParameters, writePrecondition: precondition } = fhir;
    const found = this.caller.authorize(target, request.method, context.principal);
    const body = fhir.hasBody ? await fhir.resourceBody() : undefined;
    const parameters = OperationParameters.read(queryParameters, body);
    const isRead = request.method !== 'POST';
    const result = await this.caller.execute(found, target, { context, parameters, isRead, precondition });
    if (found.affectsState && !isRead) sendCommitted(reply, fhir.form, result);
    else await sendStreamed(reply, fhir.form, result);
  }
}
