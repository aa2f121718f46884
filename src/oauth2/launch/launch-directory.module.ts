import { Module, type DynamicModule } from '@nestjs/common';
import { LAUNCH_DIRECTORY } from './launch-directory.js';

/** What gives LAUNCH_DIRECTORY, and the modules that it needs. */
export type DirectorySource = Pick<DynamicModule, 'imports' | 'providers'>;

/** The port to the patients that an app can be launched for, as the composition root fills it. */
@Module({})
export class LaunchDirectoryModule {
  /** To be called once: whoever imports what comes of it has the same directory. */
  static of({ imports = [], providers = [] }: DirectorySource): DynamicModule {
    return { module: LaunchDirectoryModule, imports, providers, exports: [LAUNCH_DIRECTORY] };
  }
}
