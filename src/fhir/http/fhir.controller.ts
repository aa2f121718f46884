import { All, Controller, Delete, Get, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf, type Interaction } from '../../contract/index.js';
import { endpointOf } from '../../endpoints/index.js';
import { CapabilitiesInteraction } from '../capability/capabilities.interaction.js';
import { BundleInteraction } from '../bundles/bundle.interaction.js';
import { ConditionalDeleteInteraction } from '../interactions/conditional-delete.interaction.js';
import { ConditionalUpdateInteraction } from '../interactions/conditional-update.interaction.js';
import { CreateInteraction } from '../interactions/create.interaction.js';
import { DeleteInteraction } from '../interactions/delete.interaction.js';
import { InstanceHistoryInteraction } from '../interactions/instance-history.interaction.js';
import { InteractionAccess } from '../passage/access/interaction-access.js';
import { PatchInteraction } from '../interactions/patch.interaction.js';
import { ReadInteraction } from '../interactions/read.interaction.js';
import { SearchTypeInteraction } from '../interactions/search-type.interaction.js';
import { UpdateInteraction } from '../interactions/update.interaction.js';
import { VersionReadInteraction } from '../interactions/vread.interaction.js';
import { sendBinary } from './binary-reply.js';
import { sendCommitted, sendLasting, sendResult, sendWritten } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { RequestScopes } from './request-scopes.js';
import { Interacts, PerEntry, Public } from './rule.js';
import { unknownRoute } from './unknown-route.js';

/** Searches first. */
const byCriteria = { conditional: true } as const;

/**
 * The routes of FHIR's RESTful API, below every endpoint. Each reads the request, has the interaction carried
 * out and puts the result into HTTP.
 *
 * @see https://hl7.org/fhir/R4/http.html
 */
@ApiExcludeController()
@Controller('@fhir')
export class FhirController {
  constructor(
    private readonly access: InteractionAccess,
    private readonly reading: ReadInteraction,
    private readonly versionReading: VersionReadInteraction,
    private readonly creation: CreateInteraction,
    private readonly updating: UpdateInteraction,
    private readonly conditionalUpdating: ConditionalUpdateInteraction,
    private readonly patching: PatchInteraction,
    private readonly deletion: DeleteInteraction,
    private readonly conditionalDeletion: ConditionalDeleteInteraction,
    private readonly instanceHistory: InstanceHistoryInteraction,
    private readonly typeSearch: SearchTypeInteraction,
    private readonly bundles: BundleInteraction,
    private readonly capabilities: CapabilitiesInteraction,
    private readonly scopes: RequestScopes,
  ) {}

  @Get('metadata')
  @Public()
  metadata(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { form, queryParameters } = new FhirRequest(request, 'CapabilityStatement');
    const mode = queryParameters.find(([name]) => name === 'mode')?.[1];
    void reply.header('cache-control', 'public, max-age=60');
    sendLasting(reply, form, this.capabilities.execute(endpointOf(request.raw), mode));
  }

  @Post()
  @PerEntry('transaction')
  async bundle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const fhir = new FhirRequest(request);
    const context = { ...fhir.context, scope: this.scopes.of(request) };
    const result = await this.bundles.execute(context, await fhir.resourceBody(), fhir.preference.return);
    sendCommitted(reply, fhir.form, result);
  }

  @Get(':type')
  @Interacts('search-type')
  async search(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'search-type', type);
    sendResult(reply, fhir.form, await this.typeSearch.execute(fhir.context, type, fhir.queryParameters));
  }

  @Post(':type/_search')
  @Interacts('search-type')
  async searchByPost(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'search-type', type);
    sendResult(reply, fhir.form, await this.typeSearch.execute(fhir.context, type, fhir.searchParameters));
  }

  @Post(':type')
  @Interacts('create')
  async create(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'create', type);
    const { ifNoneExist } = fhir;
    const context = { ...fhir.context, scope: this.scopes.of(request) };
    const result = await this.creation.execute(context, type, await fhir.resourceOf(type), ifNoneExist);
    sendWritten(reply, fhir, result);
  }

  @Get(':type/:id')
  @Interacts('read')
  async read(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'read', type, { id });
    const result = await this.reading.execute(fhir.context, type, id, fhir.readCondition);
    if (type === 'Binary') sendBinary(request, reply, fhir, result);
    else sendResult(reply, fhir.form, result);
  }

  @Put(':type/:id')
  @Interacts('update')
  async update(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'update', type, { id });
    const { context, writePrecondition } = fhir;
    const body = await fhir.resourceOf(type, id);
    sendWritten(reply, fhir, await this.updating.execute(context, type, id, body, writePrecondition));
  }

  @Delete(':type/:id')
  @Interacts('delete')
  async delete(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'delete', type, { id });
    sendWritten(reply, fhir, await this.deletion.execute(fhir.context, type, id, fhir.writePrecondition));
  }

  @Put(':type')
  @Interacts('update')
  async updateByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'update', type, byCriteria);
    const { context, criteria, writePrecondition } = fhir;
    const body = await fhir.resourceOf(type);
    const result = this.conditionalUpdating.execute(context, type, criteria, body, writePrecondition);
    sendWritten(reply, fhir, await result);
  }

  @Delete(':type')
  @Interacts('delete')
  async deleteByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'delete', type, byCriteria);
    const { context, criteria, writePrecondition } = fhir;
    sendWritten(
      reply,
      fhir,
      await this.conditionalDeletion.execute(context, type, criteria, writePrecondition),
    );
  }

  @Patch(':type/:id')
  @Interacts('patch')
  async patch(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'patch', type, { id });
    const { context, writePrecondition } = fhir;
    const patch = await fhir.patch();
    sendWritten(reply, fhir, await this.patching.execute(context, type, { id }, patch, writePrecondition));
  }

  @Patch(':type')
  @Interacts('patch')
  async patchByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'patch', type, byCriteria);
    const { context, criteria, writePrecondition } = fhir;
    const patch = await fhir.patch();
    sendWritten(
      reply,
      fhir,
      await this.patching.execute(context, type, { criteria }, patch, writePrecondition),
    );
  }

  @Get(':type/:id/_history')
  @Interacts('history-instance')
  async history(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'history-instance', type, { id });
    const result = await this.instanceHistory.execute(fhir.context, type, id, fhir.queryParameters);
    sendResult(reply, fhir.form, result);
  }

  @Get(':type/:id/_history/:vid')
  @Interacts('vread')
  async readVersion(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
    @Param('vid') version: string,
  ): Promise<void> {
    const fhir = this.authorized(request, 'vread', type, { id });
    const result = await this.versionReading.execute(fhir.context, type, id, version, fhir.readCondition);
    if (type === 'Binary') sendBinary(request, reply, fhir, result);
    else sendResult(reply, fhir.form, result);
  }

  /** Everything else: the gate lets nobody find out more without credentials than that they are needed. */
  @All('*')
  @PerEntry('batch')
  unknown(@Req() request: FastifyRequest): never {
    throw unknownRoute(request.raw.url ?? '');
  }

  @Put()
  @PerEntry('batch')
  unknownAtBaseByPut(@Req() request: FastifyRequest): never {
    return this.unknown(request);
  }

  @Patch()
  @PerEntry('batch')
  unknownAtBaseByPatch(@Req() request: FastifyRequest): never {
    return this.unknown(request);
  }

  @Delete()
  @PerEntry('batch')
  unknownAtBaseByDelete(@Req() request: FastifyRequest): never {
    return this.unknown(request);
  }

  private authorized(
    request: FastifyRequest,
    interaction: Interaction,
    type: string,
    target: { readonly id?: string; readonly conditional?: true } = {},
  ): FhirRequest {
    // Routes take any word for a type; only what looks like one is.
    if (!/^[A-Z]/.test(type)) this.unknown(request);
    const fhir = new FhirRequest(request, type);
    this.access.require({
      principal: principalOf(request.raw),
      interaction,
      resourceType: type,
      ...target,
      ...(interaction === 'create' && fhir.ifNoneExist !== undefined ? { conditional: true } : {}),
    });
    return fhir;
  }
}
