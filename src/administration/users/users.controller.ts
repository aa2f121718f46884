import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../platform/config/index.js';
import { UsersService } from '../../users/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { IfMatch } from '../http/if-match.js';
import { setLocation } from '../http/location.js';
import { pageOf, PageQuery } from '../http/page.dto.js';
import { PasswordDto, UserChangesDto, UserDto, UserInputDto, UserPageDto } from './user.dto.js';

@AdministrationController('users', 'users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Documented({ summary: 'List users by name', answer: UserPageDto, errors: [400] })
  list(@Query() query: PageQuery): Promise<UserPageDto> {
    return pageOf(
      query,
      (page) => this.users.list(page),
      ({ username }) => username,
    );
  }

  @Post()
  @Documented({
    summary: 'Create a user',
    status: 201,
    body: UserInputDto,
    answer: UserDto,
    etag: true,
    errors: [409],
  })
  async create(
    @Body() input: UserInputDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserDto> {
    const user = await this.users.create(input);
    setLocation(reply, this.settings.managementUrl, 'users', user.username);
    return user;
  }

  @Get(':username')
  @Documented({ summary: 'Read a user', answer: UserDto, etag: true, errors: [404] })
  read(@Param('username') username: string): Promise<UserDto> {
    return this.users.get(username);
  }

  @Patch(':username')
  @Documented({
    summary: 'Change roles, FHIR user or state',
    description:
      'Members that are absent stay as they are. The last enabled administrator of this server itself stays one. Roles and FHIR user of a user from a source are changed there. Disabling or enabling an account ends its sessions, approvals and tokens.',
    body: UserChangesDto,
    answer: UserDto,
    ifMatch: true,
    etag: true,
    errors: [409],
  })
  update(
    @Param('username') username: string,
    @Body() changes: UserChangesDto,
    @IfMatch() version: number | undefined,
  ): Promise<UserDto> {
    return this.users.update(username, changes, version);
  }

  @Put(':username/password')
  @Documented({
    summary: 'Set a new password',
    description: 'Every use of the old one ends at once. That of a user from a source is changed there.',
    body: PasswordDto,
    answer: UserDto,
    ifMatch: true,
    etag: true,
    errors: [409],
  })
  setPassword(
    @Param('username') username: string,
    @Body() { password }: PasswordDto,
    @IfMatch() version: number | undefined,
  ): Promise<UserDto> {
    return this.users.setPassword(username, password, version);
  }

  @Delete(':username')
  @HttpCode(204)
  @Documented({
    summary: 'Delete a user',
    description: 'The name stays taken, so that it never means somebody else.',
    status: 204,
    ifMatch: true,
    errors: [409],
  })
  remove(@Param('username') username: string, @IfMatch() version: number | undefined): Promise<void> {
    return this.users.remove(username, version);
  }
}
