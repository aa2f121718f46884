import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SearchSystemInteraction } from '../interactions/search-system.interaction.js';
import { sendResult } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { PerEntry } from './rule.js';

/**
 * The routes of searches over several types. The gate asks who it is; which types may be searched is asked behind
 * it, since `_type` names them.
 *
 * @see https://hl7.org/fhir/R4/http.html#search
 */
@ApiExcludeController()
@Controller('@fhir')
export class SystemSearchController {
  constructor(private readonly search: SearchSystemInteraction) {}

  @Get()
  @PerEntry('search-system')
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { context, form, queryParameters } = new FhirRequest(request);
    sendResult(reply, form, await this.search.execute(context, queryParameters));
  }

  @Post('_search')
  @PerEntry('search-system')
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { context, form, searchParameters } = new FhirRequest(request);
    sendResult(reply, form, await this.search.execute(context, searchParameters));
  }
}
