import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CompartmentSearchInteraction } from '../interactions/compartment-search.interaction.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { sendResult } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { PerEntry } from './rule.js';
import { unknownRoute } from './unknown-route.js';

interface Address {
  readonly type: string;
  readonly id: string;
  /** The type that is searched, or `*`. */
  readonly member: string;
}

/**
 * The routes of searches in a compartment. The gate asks who it is; what may be searched is asked here, since it
 * is the type of the members that counts, not that of the compartment.
 *
 * @see https://hl7.org/fhir/R4/http.html#vsearch
 */
@ApiExcludeController()
@Controller('@fhir')
export class CompartmentController {
  constructor(
    private readonly access: InteractionAccess,
    private readonly compartments: CompartmentSearchInteraction,
  ) {}

  @Get(':type/:id/:member')
  @PerEntry('search-type')
  async search(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() address: Address,
  ): Promise<void> {
    await this.answer(request, reply, address, (fhir) => fhir.queryParameters);
  }

  @Post(':type/:id/:member/_search')
  @PerEntry('search-type')
  async searchByPost(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() address: Address,
  ): Promise<void> {
    await this.answer(request, reply, address, (fhir) => fhir.searchParameters);
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { type, id, member }: Address,
    parametersOf: (fhir: FhirRequest) => readonly SearchParameterPair[],
  ): Promise<void> {
    if (!/^(?:\*|[A-Z][A-Za-z]*)$/.test(member)) throw unknownRoute(request.raw.url ?? '');
    const all = member === '*';
    const fhir = new FhirRequest(request, all ? undefined : member);
    this.access.require({
      principal: fhir.context.principal,
      interaction: all ? 'search-system' : 'search-type',
      resourceType: all ? null : member,
    });
    const result = await this.compartments.execute(fhir.context, { type, id }, member, parametersOf(fhir));
    sendResult(reply, fhir.form, result);
  }
}
