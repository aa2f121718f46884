import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ClientsService } from '../../clients/index.js';
import { Settings } from '../../platform/config/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import { pageOf, PageQuery } from '../http/page.dto.js';
import {
  ClientChangesDto,
  ClientDto,
  ClientInputDto,
  ClientPageDto,
  ClientSecretDto,
  CreatedClientDto,
} from './client.dto.js';

@AdministrationController('clients', 'clients')
export class ClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({ summary: 'List clients by id', answer: ClientPageDto, errors: [400] })
  async list(@Query() query: PageQuery): Promise<ClientPageDto> {
    const page = await pageOf(
      query,
      (part) => this.clients.list(part),
      ({ clientId }) => clientId,
    );
    return {
      items: page.items.map(({ jwks: _jwks, metadata: _metadata, ...summary }) => summary),
      next: page.next,
    };
  }

  @Post()
  @Documented({
    summary: 'Create a client',
    description: 'A generated secret is in this answer and never again.',
    status: 201,
    body: ClientInputDto,
    answer: CreatedClientDto,
    etag: true,
    errors: [409],
  })
  async create(
    @Body() input: ClientInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedClientDto> {
    const { client, secret } = await this.clients.create(input);
    setLocation(reply, this.settings.managementUrl, 'clients', client.clientId);
    return secret === undefined ? client : { ...client, clientSecret: secret };
  }

  @Get(':clientId')
  @Documented({ summary: 'Read a client', answer: ClientDto, etag: true, errors: [404] })
  read(@Param('clientId') clientId: string): Promise<ClientDto> {
    return this.clients.get(clientId);
  }

  @Patch(':clientId')
  @Documented({
    summary: 'Change a client',
    description:
      'Members that are absent stay as they are. The type never changes. Disabling or enabling a client ends its tokens and approvals. From then on a client that registered itself may register less than this, and not more.',
    body: ClientChangesDto,
    answer: ClientDto,
    ifMatch: true,
    etag: true,
    errors: [409],
  })
  update(
    @Param('clientId') clientId: string,
    @Body() changes: ClientChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<ClientDto> {
    return this.clients.update(clientId, changes, version);
  }

  @Post(':clientId/rotate-secret')
  @HttpCode(200)
  @Documented({
    summary: 'Replace the secret by a new one',
    description: 'The old one ends at once; the new one is in this answer and never again.',
    answer: ClientSecretDto,
    ifMatch: true,
    etag: true,
    errors: [409],
  })
  async rotateSecret(
    @Param('clientId') clientId: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientSecretDto> {
    const clientSecret = await this.clients.rotateSecret(clientId, version);
    const client = await this.clients.get(clientId);
    return { clientId, clientSecret, version: client.version };
  }

  @Delete(':clientId')
  @HttpCode(204)
  @Documented({
    summary: 'Delete a client',
    description: 'Its id stays taken.',
    status: 204,
    ifMatch: true,
    errors: [409],
  })
  remove(@Param('clientId') clientId: string, @IfMatch() version: number | undefined): Promise<void> {
    return this.clients.remove(clientId, version);
  }
}
