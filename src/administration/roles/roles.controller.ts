import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { RolesService } from '../../users/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import { pageOf, PageQuery } from '../http/page.dto.js';
import { RoleChangesDto, RoleDto, RoleInputDto, RolePageDto } from './role.dto.js';

@AdministrationController('roles', 'roles')
export class RolesController {
  constructor(
    private readonly roles: RolesService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({
    summary: 'List the defined roles by name',
    description: 'The built-in roles admin, practitioner, patient, service and auditor are not among them.',
    answer: RolePageDto,
    errors: [400],
  })
  list(@Query() query: PageQuery): Promise<RolePageDto> {
    return pageOf(
      query,
      (page) => this.roles.list(page),
      ({ name }) => name,
    );
  }

  @Post()
  @Documented({
    summary: 'Define a role',
    description: 'Users who already have a role of this name get what it permits.',
    status: 201,
    body: RoleInputDto,
    answer: RoleDto,
    etag: true,
    errors: [409, 422],
  })
  async create(
    @Body() input: RoleInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleDto> {
    const role = await this.roles.create(input);
    setLocation(reply, this.settings.managementUrl, 'roles', role.name);
    return role;
  }

  @Get(':name')
  @Documented({ summary: 'Read a role', answer: RoleDto, etag: true, errors: [404] })
  read(@Param('name') name: string): Promise<RoleDto> {
    return this.roles.get(name);
  }

  @Patch(':name')
  @Documented({
    summary: 'Change description or rules',
    description:
      'Members that are absent stay as they are; rules are replaced as a whole. It holds at once for tokens that ' +
      'are out, on other processes within five seconds.',
    body: RoleChangesDto,
    answer: RoleDto,
    ifMatch: true,
    etag: true,
    errors: [422],
  })
  update(
    @Param('name') name: string,
    @Body() changes: RoleChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<RoleDto> {
    return this.roles.update(name, changes, version);
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({
    summary: 'Delete a role',
    description:
      'Users who have it keep the name, which permits nothing until a role of the name is defined.',
    status: 204,
    ifMatch: true,
  })
  remove(@Param('name') name: string, @IfMatch() version: number | undefined): Promise<void> {
    return this.roles.remove(name, version);
  }
}
