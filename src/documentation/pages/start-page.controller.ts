import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { EndpointRegistry } from '../../endpoints/index.js';
import { Settings } from '../../platform/config/index.js';
import { PublicRoute } from '../../platform/http/index.js';
import { TrustStatus, type TrustReport } from '../../trust/index.js';
import { startPage, startPagePolicy } from './start-page.js';

/** `/`: what runs here. */
@ApiExcludeController()
@Controller()
@PublicRoute()
export class StartPageController {
  constructor(
    private readonly settings: Settings,
    private readonly endpoints: EndpointRegistry,
    private readonly trust: TrustStatus,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', startPagePolicy)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Header('cache-control', 'no-cache')
  async show(): Promise<string> {
    return startPage({
      publicUrl: this.settings.publicUrl,
      issuer: this.settings.issuer,
      managementUrl: this.settings.managementUrl,
      endpoints: this.endpoints.all(),
      servesAuthorization: this.settings.servesAuthorization,
      servesResources: this.settings.servesResources,
      problems: problemsOf(await this.trust.report()),
    });
  }
}

/** The page is open to anyone, so it names what is wrong, and the management API says why. */
function problemsOf({ danglingNames, unreachableIssuers, pendingRegistrations }: TrustReport): string[] {
  return [
    ...danglingNames.map(
      ({ endpoint, oauthClientName }) =>
        `${endpoint} refuses every token: no client configuration has the application name ${oauthClientName}.`,
    ),
    ...unreachableIssuers.map(({ issuer }) => `The authorization server ${issuer} could not be reached.`),
    ...pendingRegistrations.map(({ applicationName }) => `${applicationName} waits for its registration.`),
  ];
}
