import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { EventSources } from './events/event-sources.js';
import { FirekeepExtensionModule } from './firekeep-extension.module.js';

type ModuleReference = Type | DynamicModule;

export interface EventSourceModules {
  /** The one AccessModule. */
  readonly access: ModuleReference;
  /** The one AdministrationModule. */
  readonly administration: ModuleReference;
  /** The one Oauth2Module; absent in a process that is a resource server only. */
  readonly oauth2?: ModuleReference;
}

/** Lets `FirekeepEvents` hear the modules of this application. */
@Module({})
export class EventSourcesModule {
  static of({ access, administration, oauth2 }: EventSourceModules): DynamicModule {
    return {
      module: EventSourcesModule,
      imports: [FirekeepExtensionModule, access, administration, ...(oauth2 === undefined ? [] : [oauth2])],
      providers: [EventSources],
    };
  }
}
