import { Body, Get, HttpCode, Post } from '@nestjs/common';
import { KeyRing } from '../../oauth2/index.js';
import { AdministrationController, Documented } from '../http/documented.js';
import { RotationDto, SigningKeyListDto } from './signing-key.dto.js';

/** Keys that sign tokens. They are replaced by themselves every 90 days; here, at once. */
@AdministrationController('signing-keys', 'signing keys')
export class SigningKeysController {
  constructor(private readonly keys: KeyRing) {}

  @Get()
  @Documented({ summary: 'List the signing keys that are published', answer: SigningKeyListDto })
  list(): SigningKeyListDto {
    return { items: this.keys.published() };
  }

  @Post('rotate')
  @HttpCode(200)
  @Documented({
    summary: 'Replace the signing keys',
    description: 'With them the keys of session cookies. Other processes know of it within a minute.',
    body: RotationDto,
    answer: SigningKeyListDto,
  })
  async rotate(@Body() { compromised = false }: RotationDto): Promise<SigningKeyListDto> {
    await this.keys.rotate({ compromised });
    return this.list();
  }
}
