import { type DynamicModule, Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Database } from './database.js';
import { closeDatabase } from './open-database.js';

/** Closes the connections last, when everything accepted has been answered. */
@Injectable()
class DatabaseShutdown implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await closeDatabase(this.database);
  }
}

/**
 * Gives `Database` to every module, and TypeORM's repositories on its reading side. Writes through an injected
 * repository fail on SQLite by design: use `Database.write`.
 */
@Global()
@Module({})
export class DatabaseModule {
  /** @param database opened by `openDatabase` before the application is made, so that its errors come first. */
  static of(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: () => database.reader.options,
          dataSourceFactory: () => Promise.resolve(database.reader),
        }),
      ],
      providers: [{ provide: Database, useValue: database }, DatabaseShutdown],
      exports: [Database],
    };
  }
}
