import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { LaunchesService } from '../../oauth2/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { LaunchInputDto, LaunchListDto, NewLaunchDto } from './launch.dto.js';

/** Launches of apps from an EHR (SMART App Launch). They never change, so they have no version. */
@AdministrationController('launches', 'launches')
export class LaunchesController {
  constructor(private readonly launches: LaunchesService) {}

  @Get()
  @Documented({ summary: 'List launches', answer: LaunchListDto })
  async list(): Promise<LaunchListDto> {
    return { items: await this.launches.list() };
  }

  @Post()
  @Documented({
    summary: 'Launch an app for a user',
    description:
      'Open the launch address of the app with `iss` and `launch` of this answer as parameters. The handle is in ' +
      'this answer and never again; it works once, for this user and this app.',
    status: 201,
    location: false,
    body: LaunchInputDto,
    answer: NewLaunchDto,
  })
  create(@Body() input: LaunchInputDto): Promise<NewLaunchDto> {
    return this.launches.create(input);
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    summary: 'Withdraw a launch',
    description: 'What the app was let in for with it stays.',
    status: 204,
    errors: [404],
  })
  revoke(@Param('id') id: string): Promise<void> {
    return this.launches.revoke(id);
  }
}
