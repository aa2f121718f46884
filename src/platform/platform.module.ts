import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Settings } from './config/index.js';
import { SecretBox } from './crypto/index.js';
import { StartedExtensions } from './extension/index.js';
import { ErrorFilter, ErrorRenderers, HttpFront } from './http/index.js';
import { Logger } from './logging/index.js';
import { ClientAddresses, GuardedHttp } from './outbound/index.js';

/** What exists before the application: settings, keys, log and front. */
export interface PlatformParts {
  readonly settings: Settings;
  readonly secretBox: SecretBox;
  readonly logger: Logger;
  readonly front: HttpFront;
  /** Absent: none. */
  readonly extensions?: StartedExtensions;
}

/**
 * Gives every module the process-wide parts. This and DatabaseModule are the only global modules (ADR 0003):
 * every module may use the platform, so naming it in each would say nothing.
 */
@Global()
@Module({})
export class PlatformModule {
  static of(parts: PlatformParts): DynamicModule {
    return {
      module: PlatformModule,
      providers: [
        { provide: Settings, useValue: parts.settings },
        { provide: SecretBox, useValue: parts.secretBox },
        { provide: Logger, useValue: parts.logger },
        { provide: HttpFront, useValue: parts.front },
        { provide: StartedExtensions, useValue: parts.extensions ?? StartedExtensions.none },
        ErrorRenderers,
        ErrorFilter,
        ClientAddresses,
        GuardedHttp,
      ],
      exports: [
        Settings,
        SecretBox,
        Logger,
        HttpFront,
        StartedExtensions,
        ErrorRenderers,
        ErrorFilter,
        ClientAddresses,
        GuardedHttp,
      ],
    };
  }
}
