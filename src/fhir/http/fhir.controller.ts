import { All, Controller, Delete, Get, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BundleInteraction } from '../bundles/bundle.interaction.js';
import type { InteractionRequest } from '../exchange/interaction-request.js';
import type { SearchParameterPair } from '../search/parse-search.js';
import { sendCommitted } from './fhir-reply.js';
import { FhirRequest } from './fhir-request.js';
import { FhirAnswers } from './fhir-answers.js';
import { RequestScopes } from './request-scopes.js';
import { Interacts, PerEntry, Public } from './rule.js';
import { unknownRoute } from './unknown-route.js';

/** The router matches decoded segments, so `%24validate` comes here too. */
const operation = ':op(^\\$[\\w-]+$)';

/** What an address below a compartment names. */
interface CompartmentAddress {
  readonly type: string;
  readonly id: string;
  /** The type that is searched, or `*`. */
  readonly member: string;
}

/**
 * The routes of FHIR's RESTful API, below every endpoint. Each says what is asked for; `FhirAnswers` has it
 * dispatched and puts the result into HTTP.
 *
 * @see https://hl7.org/fhir/R4/http.html
 */
@ApiExcludeController()
@Controller('@fhir')
export class FhirController {
  constructor(
    private readonly answers: FhirAnswers,
    private readonly bundles: BundleInteraction,
    private readonly scopes: RequestScopes,
  ) {}

  @Get('metadata')
  @Public()
  metadata(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    void reply.header('cache-control', 'public, max-age=60');
    return this.answers.send(request, reply, 'CapabilityStatement', ({ queryParameters }) => {
      const mode = queryParameters.find(([name]) => name === 'mode')?.[1];
      return { interaction: 'capabilities', type: null, mode };
    });
  }

  /** Its entries are dispatched one by one. */
  @Post()
  @PerEntry('transaction')
  async bundle(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const fhir = new FhirRequest(request);
    const wanted = fhir.preference.return;
    const showsWritten = wanted === 'representation';
    const context = { ...fhir.contextWithin(this.scopes.of(request, showsWritten)), showsWritten };
    sendCommitted(reply, fhir.form, await this.bundles.execute(context, await fhir.resourceBody(), wanted));
  }

  @Get()
  @PerEntry('search-system')
  searchSystem(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answers.send(request, reply, undefined, (fhir) => ({
      interaction: 'search-system',
      type: null,
      parameters: fhir.queryParameters,
    }));
  }

  @Post('_search')
  @PerEntry('search-system')
  searchSystemByPost(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answers.send(request, reply, undefined, (fhir) => ({
      interaction: 'search-system',
      type: null,
      parameters: fhir.searchParameters,
    }));
  }

  @Get(':type')
  @Interacts('search-type')
  search(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'search-type',
      type,
      parameters: fhir.queryParameters,
    }));
  }

  @Post(':type/_search')
  @Interacts('search-type')
  searchByPost(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'search-type',
      type,
      parameters: fhir.searchParameters,
    }));
  }

  @Get(':type/:id/:member')
  @PerEntry('search-type')
  searchCompartment(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() address: CompartmentAddress,
  ): Promise<void> {
    return this.ofCompartment(request, reply, address, (fhir) => fhir.queryParameters);
  }

  @Post(':type/:id/:member/_search')
  @PerEntry('search-type')
  searchCompartmentByPost(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param() address: CompartmentAddress,
  ): Promise<void> {
    return this.ofCompartment(request, reply, address, (fhir) => fhir.searchParameters);
  }

  @Post(':type')
  @Interacts('create')
  create(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'create',
      type,
      resource: () => fhir.resourceOf(type),
      ifNoneExist: fhir.ifNoneExist,
    }));
  }

  @Get(':type/:id')
  @Interacts('read')
  read(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'read',
      type,
      id,
      condition: fhir.readCondition,
    }));
  }

  @Put(':type/:id')
  @Interacts('update')
  update(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'update',
      type,
      id,
      resource: () => fhir.resourceOf(type, id),
      precondition: fhir.writePrecondition,
    }));
  }

  @Put(':type')
  @Interacts('update')
  updateByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'conditional-update',
      type,
      criteria: fhir.criteria,
      resource: () => fhir.resourceOf(type),
      precondition: fhir.writePrecondition,
    }));
  }

  @Delete(':type/:id')
  @Interacts('delete')
  delete(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'delete',
      type,
      id,
      precondition: fhir.writePrecondition,
    }));
  }

  @Delete(':type')
  @Interacts('delete')
  deleteByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'conditional-delete',
      type,
      criteria: fhir.criteria,
      precondition: fhir.writePrecondition,
    }));
  }

  @Patch(':type/:id')
  @Interacts('patch')
  patch(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'patch',
      type,
      id,
      patch: () => fhir.patch(),
      precondition: fhir.writePrecondition,
    }));
  }

  @Patch(':type')
  @Interacts('patch')
  patchByCriteria(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'conditional-patch',
      type,
      criteria: fhir.criteria,
      patch: () => fhir.patch(),
      precondition: fhir.writePrecondition,
    }));
  }

  @Get('_history')
  @Interacts('history-system')
  systemHistory(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answers.send(request, reply, undefined, (fhir) => ({
      interaction: 'history-system',
      type: null,
      parameters: fhir.queryParameters,
    }));
  }

  @Get(':type/_history')
  @Interacts('history-type')
  typeHistory(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
  ): Promise<void> {
    return this.answers.send(request, reply, type, (fhir) => ({
      interaction: 'history-type',
      type,
      parameters: fhir.queryParameters,
    }));
  }

  @Get(':type/:id/_history')
  @Interacts('history-instance')
  history(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'history-instance',
      type,
      id,
      parameters: fhir.queryParameters,
    }));
  }

  @Get(':type/:id/_history/:vid')
  @Interacts('vread')
  readVersion(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('type') type: string,
    @Param('id') id: string,
    @Param('vid') version: string,
  ): Promise<void> {
    return this.ofType(request, reply, type, (fhir) => ({
      interaction: 'vread',
      type,
      id,
      version,
      condition: fhir.readCondition,
    }));
  }

  @All(operation)
  @PerEntry('operation')
  callOnSystem(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('op') op: string,
  ): Promise<void> {
    return this.ofOperation(request, reply, op);
  }

  @All(`:type/${operation}`)
  @PerEntry('operation')
  callOnType(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('op') op: string,
    @Param('type') type: string,
  ): Promise<void> {
    return this.ofOperation(request, reply, op, type);
  }

  @All(`:type/:id/${operation}`)
  @PerEntry('operation')
  callOnInstance(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('op') op: string,
    @Param('type') type: string,
    @Param('id') id: string,
  ): Promise<void> {
    return this.ofOperation(request, reply, op, type, id);
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

  private ofType(
    request: FastifyRequest,
    reply: FastifyReply,
    type: string,
    asked: (fhir: FhirRequest) => InteractionRequest,
  ): Promise<void> {
    // Routes take any word for a type; only what looks like one is.
    if (!/^[A-Z]/.test(type)) this.unknown(request);
    return this.answers.send(request, reply, type, asked);
  }

  /** It is the type of the members that counts, not that of the compartment. */
  private ofCompartment(
    request: FastifyRequest,
    reply: FastifyReply,
    { type: ownerType, id, member }: CompartmentAddress,
    parametersOf: (fhir: FhirRequest) => readonly SearchParameterPair[],
  ): Promise<void> {
    if (!/^(?:\*|[A-Z][A-Za-z]*)$/.test(member)) this.unknown(request);
    const type = member === '*' ? null : member;
    return this.answers.send(request, reply, type ?? undefined, (fhir) => ({
      interaction: 'compartment-search',
      type,
      owner: { type: ownerType, id },
      parameters: parametersOf(fhir),
    }));
  }

  /** Which interactions a caller must be allowed is declared by each operation. */
  private ofOperation(
    request: FastifyRequest,
    reply: FastifyReply,
    op: string,
    type?: string,
    id?: string,
  ): Promise<void> {
    return this.answers.send(request, reply, undefined, (fhir) => ({
      interaction: 'operation',
      type: type ?? null,
      method: request.method,
      target: {
        name: op.slice(1),
        ...(type === undefined ? {} : { type }),
        ...(id === undefined ? {} : { id }),
      },
      parameters: fhir.queryParameters,
      body: () => (fhir.hasBody ? fhir.resourceBody() : undefined),
      precondition: fhir.writePrecondition,
    }));
  }
}
