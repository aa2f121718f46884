import { Body, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { InitialAccessTokensService } from '../../oauth2/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import {
  InitialAccessTokenInputDto,
  InitialAccessTokenListDto,
  NewInitialAccessTokenDto,
} from './initial-access-token.dto.js';

/** Permissions to register clients (RFC 7591 section 3). They never change, so they have no version. */
@AdministrationController('initial-access-tokens', 'initial access tokens')
export class InitialAccessTokensController {
  constructor(private readonly tokens: InitialAccessTokensService) {}

  @Get()
  @Documented({ summary: 'List initial access tokens', answer: InitialAccessTokenListDto })
  async list(): Promise<InitialAccessTokenListDto> {
    return { items: await this.tokens.list() };
  }

  @Post()
  @Documented({
    summary: 'Create an initial access token',
    description: 'The token is in this answer and never again.',
    status: 201,
    location: false,
    body: InitialAccessTokenInputDto,
    answer: NewInitialAccessTokenDto,
  })
  create(@Body() input: InitialAccessTokenInputDto): Promise<NewInitialAccessTokenDto> {
    return this.tokens.create(input);
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    summary: 'Revoke an initial access token',
    description: 'Clients that were registered with it stay.',
    status: 204,
    errors: [404],
  })
  revoke(@Param('id') id: string): Promise<void> {
    return this.tokens.revoke(id);
  }
}
