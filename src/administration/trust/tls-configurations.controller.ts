import { Body, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { TlsConfigurationsService } from '../../trust/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import {
  TlsConfigurationChangesDto,
  TlsConfigurationDto,
  TlsConfigurationInputDto,
  TlsConfigurationListDto,
} from './tls-configuration.dto.js';

@AdministrationController('tls-configurations', 'TLS configurations')
export class TlsConfigurationsController {
  constructor(
    private readonly configurations: TlsConfigurationsService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({ summary: 'List TLS configurations by name', answer: TlsConfigurationListDto })
  async list(): Promise<TlsConfigurationListDto> {
    return { items: await this.configurations.list() };
  }

  @Post()
  @Documented({
    summary: 'Create a TLS configuration',
    status: 201,
    body: TlsConfigurationInputDto,
    answer: TlsConfigurationDto,
    etag: true,
    errors: [409],
  })
  async create(
    @Body() input: TlsConfigurationInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TlsConfigurationDto> {
    const configuration = await this.configurations.create(input);
    setLocation(reply, this.settings.managementUrl, 'tls-configurations', configuration.name);
    return configuration;
  }

  @Get(':name')
  @Documented({
    summary: 'Read a TLS configuration',
    answer: TlsConfigurationDto,
    etag: true,
    errors: [404],
  })
  read(@Param('name') name: string): Promise<TlsConfigurationDto> {
    return this.configurations.get(name);
  }

  @Patch(':name')
  @Documented({
    summary: 'Change a TLS configuration',
    description: 'Members that are absent stay as they are; null takes the thing away.',
    body: TlsConfigurationChangesDto,
    answer: TlsConfigurationDto,
    ifMatch: true,
    etag: true,
  })
  update(
    @Param('name') name: string,
    @Body() changes: TlsConfigurationChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<TlsConfigurationDto> {
    return this.configurations.update(name, changes, version);
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({ summary: 'Delete a TLS configuration', status: 204, ifMatch: true, errors: [409] })
  remove(@Param('name') name: string, @IfMatch() version: number | undefined): Promise<void> {
    return this.configurations.remove(name, version);
  }
}
