import { Delete, HttpCode, Param } from '@nestjs/common';
import { RegistrationAccessService } from '../../oauth2/index.js';
import { AdministrationController, Documented } from '../http/documented.js';

/** The management of registrations by clients themselves (RFC 7592), where there is an authorization server. */
@AdministrationController('clients', 'clients')
export class RegistrationAccessController {
  constructor(private readonly registrations: RegistrationAccessService) {}

  @Delete(':clientId/registration-access-token')
  @HttpCode(204)
  @Documented({
    summary: 'End the registration access token of a client that registered itself',
    description:
      'At once: it stays as it is, and can’t read, change or remove itself by RFC 7592 any more. There is nothing to compare, so it takes no If-Match.',
    status: 204,
    errors: [404],
  })
  end(@Param('clientId') clientId: string): Promise<void> {
    return this.registrations.end(clientId);
  }
}
