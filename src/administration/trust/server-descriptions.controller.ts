import { Body, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { FirekeepError } from '../../platform/errors/index.js';
import { ServerDescriptionsService } from '../../trust/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import {
  DiscoverDto,
  DiscoveryPreviewDto,
  ServerDescriptionChangesDto,
  ServerDescriptionDto,
  ServerDescriptionInputDto,
  ServerDescriptionListDto,
  ServerDescriptionSaveDto,
} from './server-description.dto.js';

@AdministrationController('server-descriptions', 'server descriptions')
export class ServerDescriptionsController {
  constructor(
    private readonly servers: ServerDescriptionsService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({ summary: 'List server descriptions by issuer', answer: ServerDescriptionListDto })
  async list(): Promise<ServerDescriptionListDto> {
    return { items: await this.servers.list() };
  }

  @Post('discover')
  @HttpCode(200)
  @Documented({
    summary: 'Discover an issuer',
    description:
      'Fetches its RFC 8414 and OpenID metadata and shows them, with the difference to what is stored.',
    body: DiscoverDto,
    answer: DiscoveryPreviewDto,
    errors: [422],
  })
  discover(@Body() { issuer, tls }: DiscoverDto): Promise<DiscoveryPreviewDto> {
    return this.servers.discover(issuer, tls);
  }

  @Post()
  @Documented({
    summary: 'Discover and save a new server description',
    status: 201,
    body: ServerDescriptionInputDto,
    answer: ServerDescriptionDto,
    etag: true,
    errors: [409, 422],
  })
  async create(
    @Body() input: ServerDescriptionInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ServerDescriptionDto> {
    const existing = await this.servers.findByIssuer(input.issuer);
    if (existing !== undefined) {
      throw new FirekeepError(
        'conflict',
        'ADMINISTRATION_SERVER_EXISTS',
        `There is a description of this issuer already: server-descriptions/${existing.id}. Bring it up to date there.`,
      );
    }
    const description = await this.servers.save(input);
    setLocation(reply, this.settings.managementUrl, 'server-descriptions', String(description.id));
    return description;
  }

  @Get(':id')
  @Documented({
    summary: 'Read a server description',
    answer: ServerDescriptionDto,
    etag: true,
    errors: [404],
  })
  read(@Param('id', ParseIntPipe) id: number): Promise<ServerDescriptionDto> {
    return this.servers.get(id);
  }

  @Put(':id')
  @Documented({
    summary: 'Discover again and save',
    body: ServerDescriptionSaveDto,
    answer: ServerDescriptionDto,
    ifMatch: true,
    etag: true,
    errors: [409, 422],
  })
  async save(
    @Param('id', ParseIntPipe) id: number,
    @Body() input: ServerDescriptionSaveDto,
    @IfMatch() version: number | undefined,
  ): Promise<ServerDescriptionDto> {
    const { issuer } = await this.servers.get(id);
    return this.servers.save(Object.assign({ issuer }, input), version);
  }

  @Patch(':id')
  @Documented({
    summary: 'Change TLS configuration or initial access token',
    description: 'The metadata stay as they are.',
    body: ServerDescriptionChangesDto,
    answer: ServerDescriptionDto,
    ifMatch: true,
    etag: true,
  })
  update(
    @Param('id', ParseIntPipe) id: number,
    @Body() changes: ServerDescriptionChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<ServerDescriptionDto> {
    return this.servers.update(id, changes, version);
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({ summary: 'Delete a server description', status: 204, ifMatch: true, errors: [409] })
  remove(@Param('id', ParseIntPipe) id: number, @IfMatch() version: number | undefined): Promise<void> {
    return this.servers.remove(id, version);
  }
}
