import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import { RepositoryHistoryInteraction } from '../interactions/repository-history.interaction.js';
import { sendResult } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { Interacts } from './rule.js';

/**
 * The routes of the histories of a type and of the system.
 *
 * @see https://hl7.org/fhir/R4/http.html#history
 */
@ApiExcludeController()
@Controller('@fhir')
export class HistoryController {
  constructor(
    private readonly access: InteractionAccess,
    private readonly history: RepositoryHistoryInteraction,
  ) {}

  @Get('_history')
  @Interacts('history-system')
  async system(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answer(request, reply, null);
  }

  @Get(':type/_history')
  @Interacts('history-type')
  async type(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    await this.answer(request, reply, type);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply, type: string | null): Promise<void> {
    const { context, form, queryParameters } = new FhirRequest(request, type ?? undefined);
    this.access.require({
      principal: context.principal,
      interaction: type === null ? 'history-system' : 'history-type',
      resourceType: type,
    });
    sendResult(reply, form, await this.history.execute(context, type, queryParameters));
  }
}
