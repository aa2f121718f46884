import Sqlite from 'better-sqlite3';
import { migrations } from '../../../migrations/index.js';
import { entities } from '../../../src/application/app.module.js';
import { Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import { sqlite } from '../../kit/databases.js';

describe('a SQLite file that another process keeps locked', () => {
  let database: Database;
  let other: Sqlite.Database;

  beforeAll(async () => {
    const databaseUrl = await sqlite.create();
    database = await openDatabase(Settings.of({ databaseUrl }), entities, migrations);
    other = new Sqlite(databaseUrl.slice('sqlite:'.length));
  });

  afterAll(async () => {
    other.close();
    await closeDatabase(database);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['plain statements', () => database.transaction((session) => session.execute('DELETE FROM refusal'))],
    ['an entity manager', () => database.write((manager) => manager.query('DELETE FROM refusal'))],
  ])(
    'holds up a write by %s and nothing else, and the write goes through afterwards',
    async (_name, write) => {
      other.exec('BEGIN IMMEDIATE');
      const order: string[] = [];
      const written = write().then(() => order.push('written'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await database.query('SELECT 1');
      order.push('read');
      other.exec('ROLLBACK');
      order.push('unlocked');
      await written;
      expect(order).toEqual(['read', 'unlocked', 'written']);
    },
  );
});
