import { Body, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { ClientConfigurationsService } from '../../trust/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import {
  ClientConfigurationChangesDto,
  ClientConfigurationDto,
  ClientConfigurationInputDto,
  ClientConfigurationListDto,
  RemovedClientConfigurationDto,
} from './client-configuration.dto.js';

const changed = { answer: ClientConfigurationDto, ifMatch: true, etag: true } as const;

@AdministrationController('client-configurations', 'client configurations')
export class ClientConfigurationsController {
  constructor(
    private readonly configurations: ClientConfigurationsService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({
    summary: 'List client configurations by application name',
    answer: ClientConfigurationListDto,
  })
  async list(): Promise<ClientConfigurationListDto> {
    return { items: await this.configurations.list() };
  }

  @Post()
  @Documented({
    summary: 'Create a client configuration',
    description: 'It is not registered yet: see `perform`.',
    status: 201,
    body: ClientConfigurationInputDto,
    answer: ClientConfigurationDto,
    etag: true,
    errors: [409],
  })
  async create(
    @Body() input: ClientConfigurationInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ClientConfigurationDto> {
    const configuration = await this.configurations.create(input);
    setLocation(reply, this.settings.managementUrl, 'client-configurations', configuration.applicationName);
    return configuration;
  }

  @Get(':applicationName')
  @Documented({
    summary: 'Read a client configuration',
    answer: ClientConfigurationDto,
    etag: true,
    errors: [404],
  })
  read(@Param('applicationName') name: string): Promise<ClientConfigurationDto> {
    return this.configurations.get(name);
  }

  @Patch(':applicationName')
  @Documented({
    summary: 'Change a client configuration',
    description: 'Only here; where the other server then has something else, the status is `drifted`.',
    body: ClientConfigurationChangesDto,
    ...changed,
    errors: [409],
  })
  update(
    @Param('applicationName') name: string,
    @Body() changes: ClientConfigurationChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.update(name, changes, version);
  }

  @Post(':applicationName/perform')
  @HttpCode(200)
  @Documented({
    summary: 'Do what `nextAction` says',
    description: 'Registers dynamically (RFC 7591); once registered, gets the updated metadata (RFC 7592).',
    ...changed,
    errors: [409, 422],
  })
  perform(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.perform(name, version);
  }

  @Post(':applicationName/register')
  @HttpCode(200)
  @Documented({
    summary: 'Dynamic Registration and Save',
    description: 'RFC 7591. Client id and secret are stored, the secret encrypted.',
    ...changed,
    errors: [409, 422],
  })
  register(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.register(name, version);
  }

  @Post(':applicationName/update-metadata')
  @HttpCode(200)
  @Documented({
    summary: 'Get Update Metadata and Save',
    description: 'RFC 7592, section 2.1.',
    ...changed,
    errors: [409, 422],
  })
  updateMetadata(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.updateMetadata(name, version);
  }

  @Post(':applicationName/push-metadata')
  @HttpCode(200)
  @Documented({
    summary: 'Send this server’s metadata, which ends drift',
    description: 'RFC 7592, section 2.2.',
    ...changed,
    errors: [409, 422],
  })
  pushMetadata(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.pushMetadata(name, version);
  }

  @Post(':applicationName/forget-registration')
  @HttpCode(200)
  @Documented({
    summary: 'Drop client id and secret here',
    description: 'So that it can be registered anew, for a registration that is gone at the other server.',
    ...changed,
  })
  forgetRegistration(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<ClientConfigurationDto> {
    return this.configurations.forgetRegistration(name, version);
  }

  @Delete(':applicationName')
  @Documented({
    summary: 'Delete a client configuration',
    description: 'And its registration at the other server, where that lets it.',
    answer: RemovedClientConfigurationDto,
    ifMatch: true,
    errors: [409],
  })
  remove(
    @Param('applicationName') name: string,
    @IfMatch() version: number | undefined,
  ): Promise<RemovedClientConfigurationDto> {
    return this.configurations.remove(name, version);
  }
}
