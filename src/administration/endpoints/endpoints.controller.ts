import { Body, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { EndpointRegistry, EndpointsService, type FhirEndpoint } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { ClientConfigurationsService } from '../../trust/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { EndpointChangesDto, EndpointDto, EndpointInputDto, EndpointListDto } from './endpoint.dto.js';

const pathParameter = {
  name: 'path',
  type: String,
  description: 'The path without its first slash: `fhir/r4`.',
};

@AdministrationController('endpoints', 'FHIR endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly registry: EndpointRegistry,
    private readonly configurations: ClientConfigurationsService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({ summary: 'List endpoints by path', answer: EndpointListDto })
  async list(): Promise<EndpointListDto> {
    return { items: (await this.endpoints.list()).map((endpoint) => this.shown(endpoint)) };
  }

  @Post()
  @Documented({
    summary: 'Create an endpoint',
    status: 201,
    body: EndpointInputDto,
    answer: EndpointDto,
    etag: true,
    errors: [409],
  })
  async create(
    @Body() input: EndpointInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndpointDto> {
    const endpoint = await this.endpoints.create(input);
    reply.header('location', `${this.settings.managementUrl}/endpoints${endpoint.path}`);
    return this.shown(endpoint);
  }

  @Get('*')
  @ApiParam(pathParameter)
  @Documented({ summary: 'Read an endpoint', answer: EndpointDto, etag: true, errors: [404] })
  async read(@Param('*') path: string): Promise<EndpointDto> {
    return this.shown(await this.endpoints.get(`/${path}`));
  }

  @Patch('*')
  @ApiParam(pathParameter)
  @Documented({
    summary: 'Change an endpoint',
    description: 'Members that are absent stay as they are.',
    body: EndpointChangesDto,
    answer: EndpointDto,
    ifMatch: true,
    etag: true,
  })
  async update(
    @Param('*') path: string,
    @Body() changes: EndpointChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<EndpointDto> {
    return this.shown(await this.endpoints.update(`/${path}`, changes, version));
  }

  @Delete('*')
  @HttpCode(204)
  @ApiParam(pathParameter)
  @Documented({
    summary: 'Delete an endpoint',
    description: 'What its repository holds stays.',
    status: 204,
    ifMatch: true,
  })
  remove(@Param('*') path: string, @IfMatch() version: number | undefined): Promise<void> {
    return this.endpoints.remove(`/${path}`, version);
  }

  private shown(endpoint: FhirEndpoint): EndpointDto {
    const dangling = this.configurations.danglingNames().some(({ endpoint: path }) => path === endpoint.path);
    return { ...endpoint, dangling, problems: this.problemsOf(endpoint, dangling) };
  }

  private problemsOf(endpoint: FhirEndpoint, dangling: boolean): string[] {
    const problems: string[] = [];
    if (dangling) {
      problems.push(
        `No client configuration has the application name "${endpoint.oauthClientName ?? ''}": every token is refused.`,
      );
    }
    if (endpoint.oauthClientName === null && !this.settings.servesAuthorization) {
      problems.push('This process has no issuer of its own, and no other is named: every token is refused.');
    }
    if (endpoint.enabled && !this.registry.isServed(endpoint)) {
      problems.push('It is open, and FIREKEEP_ALLOW_OPEN is not true: it does not answer.');
    }
    return problems;
  }
}
