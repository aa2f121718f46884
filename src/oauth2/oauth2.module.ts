import { Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '../platform/config/index.js';
import { ApprovalsModule } from './approvals/approvals.module.js';
import { AuthorizeModule } from './authorize/authorize.module.js';
import { DiscoveryModule, type IssuersSource } from './discovery/discovery.module.js';
import { KeysModule } from './keys/keys.module.js';
import { EventsModule } from './events/events.module.js';
import { Oauth2Http } from './oauth2-http.js';
import { LaunchDirectoryModule, type DirectorySource } from './launch/launch-directory.module.js';
import { LaunchModule } from './launch/launch.module.js';
import { EngineModule } from './provider/engine.module.js';
import { StoreModule } from './store/store.module.js';
import { RegistrationModule } from './registration/registration.module.js';
import { ThemeModule } from './theme/theme.module.js';
import { TokenModule } from './token/token.module.js';
import { VisitorsModule } from './visitors/visitors.module.js';

const authorizationServer = [
  TokenModule,
  LaunchModule,
  RegistrationModule,
  KeysModule,
  EngineModule,
  EventsModule,
  StoreModule,
  ThemeModule,
  VisitorsModule,
];

/**
 * The authorization server, and the documents by which clients find the one that an endpoint trusts. In a process
 * that is a resource server only, nothing of the authorization server is there: no route, no key, no token.
 */
@Module({})
export class Oauth2Module {
  /**
   * @param directory gives LAUNCH_DIRECTORY: the patients that an app can be launched for.
   * @param issuers gives ENDPOINT_ISSUERS: what endpoints trust besides this server.
   */
  static of(settings: Settings, directory: DirectorySource, issuers: IssuersSource = {}): DynamicModule {
    const discovery = settings.servesResources ? [DiscoveryModule.of(issuers)] : [];
    if (!settings.servesAuthorization) {
      return { module: Oauth2Module, imports: discovery, exports: discovery };
    }
    const patients = LaunchDirectoryModule.of(directory);
    const interactive = [AuthorizeModule.of(patients), ApprovalsModule.of(patients)];
    const parts = [...discovery, ...interactive, ...authorizationServer];
    return {
      module: Oauth2Module,
      imports: parts,
      providers: [Oauth2Http],
      exports: parts,
    };
  }
}
