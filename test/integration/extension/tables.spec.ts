import { migrations } from '../../../migrations/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { closeDatabase, openDatabase, type Database } from '../../../src/platform/database/index.js';
import { noExtensionSettings } from '../../../src/platform/config/index.js';
import {
  ExtensionDatabase,
  migrateExtensions,
  StartedExtensions,
  type ExtensionDefinition,
  type ExtensionMigration,
} from '../../../src/platform/extension/index.js';
import { databases } from '../../kit/databases.js';

const visits: ExtensionMigration = {
  name: '1-visits',
  up: (tables) =>
    tables.createTable('x_clinic_visit', {
      columns: {
        id: { type: 'key' },
        patient: { type: 'text', length: 64 },
        note: { type: 'long-text', optional: true },
        beds: { type: 'integer', default: 1 },
        ended_at: { type: 'bigint' },
        night: { type: 'boolean' },
        weight: { type: 'double', optional: true },
        digest: { type: 'bytes', length: 32, optional: true },
      },
    }),
};
const wards: ExtensionMigration = {
  name: '2-wards',
  up: async (tables) => {
    await tables.execute("INSERT INTO x_clinic_visit (patient, ended_at, night) VALUES ('before', 1, ?)", [
      false,
    ]);
    await tables.addColumn('x_clinic_visit', 'ward', { type: 'text', length: 20, default: 'B2' });
    await tables.createIndex('x_clinic_visit', 'ward', ['ward', 'patient'], { unique: true });
  },
};
const clinic = (...steps: ExtensionMigration[]): ExtensionDefinition => ({
  ...{ name: 'clinic', compatibility: '^0.1.0', migrations: steps },
});

describe.each(databases)('tables of extensions on $name', ({ create }) => {
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await create();
  });
  /** A database that was migrated by no extension; Firekeep's own migrations take long on some. */
  beforeEach(() =>
    opened([], (database) =>
      database.transaction(async (session) => {
        for (const table of ['x_clinic_visit', 'x_clinic_a', 'x_lab_visit']) {
          await session.execute(`DROP TABLE IF EXISTS ${table}`);
        }
        await session.execute('DELETE FROM extension_migration');
      }),
    ),
  );

  async function opened<T>(
    definitions: readonly ExtensionDefinition[],
    work: (database: Database, extensions: ExtensionDatabase) => Promise<T>,
  ): Promise<T> {
    const settings = Settings.of({ databaseUrl, logLevel: 'silent' });
    const started = StartedExtensions.of(definitions, '0.1.0', noExtensionSettings);
    const database = await openDatabase(settings, [], [...migrations], (source) =>
      migrateExtensions(source, started.definitions),
    );
    try {
      return await work(database, new ExtensionDatabase(database, started));
    } finally {
      await closeDatabase(database);
    }
  }

  it('come about by the migrations, each of which runs once', async () => {
    let runs = 0;
    const counted = { name: '3-count', up: () => Promise.resolve(void (runs += 1)) };
    const first = clinic(visits);
    await opened([first], (_database, extensions) =>
      extensions.of(first).query('SELECT patient FROM x_clinic_visit'),
    );
    for (let start = 0; start < 2; start += 1) {
      const definition = clinic(visits, wards, counted);
      const rows = await opened([definition], (_database, extensions) =>
        extensions.of(definition).query('SELECT patient, ward, beds, night FROM x_clinic_visit'),
      );
      expect(rows).toEqual([{ patient: 'before', ward: 'B2', beds: 1, night: 0 }]);
    }
    expect(runs).toBe(1);
    const names = await opened([], (database) =>
      database.query('SELECT name FROM firekeep_migration WHERE name LIKE ?', ['%visits%']),
    );
    expect(names).toEqual([]);
  });

  it('hold what every type of column is for', async () => {
    const definition = clinic(visits);
    await opened([definition], async (_database, extensions) => {
      const tables = extensions.of(definition);
      await tables.write(async (session) => {
        const insert =
          'INSERT INTO x_clinic_visit (patient, note, beds, ended_at, night, weight, digest) VALUES (?, ?, ?, ?, ?, ?, ?)';
        await session.execute(insert, [
          ...['Ana', 'é'.repeat(70_000), 2, 1_764_000_000_123, true, 70.25],
          Buffer.from([0, 255]),
        ]);
        await session.execute(insert, ['ana', null, 3, 5, false, null, null]);
      });
      const [row, ...others] = await tables.query(
        'SELECT id, patient, note, beds, ended_at, night, weight, digest FROM x_clinic_visit WHERE patient = ?',
        ['Ana'],
      );
      expect(others).toEqual([]);
      expect(row).toEqual({
        ...{ id: 1, patient: 'Ana', note: 'é'.repeat(70_000), beds: 2, ended_at: 1_764_000_000_123 },
        ...{ night: 1, weight: 70.25, digest: Buffer.from([0, 255]) },
      });
    });
  });

  it('are written in a transaction: all of it or nothing', async () => {
    const definition = clinic(visits);
    await opened([definition], async (_database, extensions) => {
      const tables = extensions.of(definition);
      const insert = "INSERT INTO x_clinic_visit (patient, ended_at, night) VALUES ('ana', 1, 0)";
      await expect(
        tables.write(async (session) => {
          await session.execute(insert);
          expect(await session.query('SELECT id FROM x_clinic_visit')).toHaveLength(1);
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await tables.query('SELECT id FROM x_clinic_visit')).toEqual([]);
      expect(await tables.write((session) => session.execute(insert))).toBe(1);
    });
  });

  it('are the only ones that an extension writes', async () => {
    const definition = clinic(visits);
    await opened([definition], async (database, extensions) => {
      const tables = extensions.of(definition);
      await expect(
        tables.write((session) => session.execute('DELETE FROM firekeep_migration')),
      ).rejects.toMatchObject({ code: 'EXTENSION_TABLE_FOREIGN' });
      await expect(tables.query('DELETE FROM firekeep_migration')).rejects.toMatchObject({
        code: 'EXTENSION_TABLE_INVALID',
      });
      expect((await database.query('SELECT name FROM firekeep_migration')).length).toBeGreaterThan(10);
    });
  });

  it('are the only ones that a migration changes', async () => {
    for (const up of [
      (tables: Parameters<ExtensionMigration['up']>[0]) => tables.dropTable('refusal'),
      (tables: Parameters<ExtensionMigration['up']>[0]) =>
        tables.addColumn('refusal', 'ward', { type: 'integer', default: 0 }),
      (tables: Parameters<ExtensionMigration['up']>[0]) => tables.execute('DELETE FROM firekeep_migration'),
      (tables: Parameters<ExtensionMigration['up']>[0]) =>
        tables.createTable('x_lab_visit', { columns: { id: { type: 'key' } } }),
    ]) {
      await expect(opened([clinic({ name: '1-wrong', up })], () => Promise.resolve())).rejects.toMatchObject({
        code: 'EXTENSION_MIGRATION_FAILED',
        message: expect.stringMatching(/"clinic: 1-wrong" failed: .*its tables begin with x_clinic_/),
      });
    }
    await opened([], (database) => database.query('SELECT reference FROM refusal'));
  });

  it('go on where a migration broke off, once it is corrected', async () => {
    let breaks = true;
    const twoSteps: ExtensionMigration = {
      name: '1-two-steps',
      up: async (tables) => {
        await tables.createTable('x_clinic_a', { columns: { id: { type: 'key' } } });
        await tables.addColumn('x_clinic_a', 'n', { type: 'integer', default: 3 });
        await tables.createIndex('x_clinic_a', 'n', ['n']);
        if (breaks) throw new Error('the power went');
        await tables.dropIndex('x_clinic_a', 'n');
        await tables.execute('INSERT INTO x_clinic_a (n) VALUES (4)');
      },
    };
    const definition = clinic(twoSteps);
    await expect(opened([definition], () => Promise.resolve())).rejects.toThrow(/the power went/);
    breaks = false;
    const rows = await opened([definition], (_database, extensions) =>
      extensions.of(definition).query('SELECT n FROM x_clinic_a'),
    );
    expect(rows).toEqual([{ n: 4 }]);
  });

  it('that a newer version of the extension has changed stop the start', async () => {
    await opened([clinic(visits, wards)], () => Promise.resolve());
    await expect(opened([clinic(visits)], () => Promise.resolve())).rejects.toMatchObject({
      code: 'EXTENSION_SCHEMA_NEWER',
      message: expect.stringContaining('"clinic" were migrated by a newer version of it (2-wards)'),
    });
  });

  it('stay where the extension is not started any more, and nothing waits for it', async () => {
    const definition = clinic(visits, wards);
    await opened([definition], () => Promise.resolve());
    await opened([], (_database, extensions) => {
      expect(() => extensions.of(definition)).toThrow(/is not started/);
      return Promise.resolve();
    });
    const rows = await opened([definition], (_database, extensions) =>
      extensions.of(definition).query('SELECT patient FROM x_clinic_visit'),
    );
    expect(rows).toHaveLength(1);
  });

  it('of several extensions, and of processes that start at once, come about each once', async () => {
    const lab: ExtensionDefinition = {
      ...{ name: 'lab', compatibility: '^0.1.0' },
      migrations: [
        {
          name: '1-visits',
          up: (tables) => tables.createTable('x_lab_visit', { columns: { id: { type: 'key' } } }),
        },
      ],
    };
    await opened([], () => Promise.resolve());
    const both = [clinic(visits, wards), lab];
    await Promise.all([1, 2, 3].map(() => opened(both, () => Promise.resolve())));
    const rows = await opened([], (database) =>
      database.query('SELECT extension, name FROM extension_migration ORDER BY extension, name'),
    );
    expect(rows.map(({ extension, name }) => [extension, name])).toEqual([
      ...[
        ['clinic', '1-visits'],
        ['clinic', '2-wards'],
        ['lab', '1-visits'],
      ],
    ]);
  });
});
