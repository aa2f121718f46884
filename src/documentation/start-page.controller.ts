import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { EndpointRegistry } from '../endpoints/index.js';
import { Settings } from '../platform/config/index.js';
import { PublicRoute } from '../platform/http/index.js';
import { TrustStatus } from '../trust/index.js';
import { startPage, startPagePolicy } from './start-page.js';

/** `/`: what runs here. */
@ApiExcludeController()
@Controller()
@PublicRoute()
export class StartPageController {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(EndpointRegistry) private readonly endpoints: EndpointRegistry,
    @Inject(TrustStatus) private readonly trust: TrustStatus,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', startPagePolicy)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Header('cache-control', 'no-cache')
  show(): string {
    return startPage({
      publicUrl: this.settings.publicUrl,
      endpoints: this.endpoints.all(),
      servesAuthorization: this.settings.servesAuthorization,
      servesResources: this.settings.servesResources,
      problems: this.trust.problems(),
    });
  }
}
