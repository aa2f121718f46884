import type { ExtensionMigration } from 'firekeep';

/** How the clinic's tables came about. What has run is not changed any more: a change is another migration. */
export const visitMigrations: readonly ExtensionMigration[] = [
  {
    name: '2026-01-visits',
    up: (tables) =>
      tables.createTable('x_clinic_visit', {
        columns: {
          encounter: { type: 'text', length: 64 },
          patient: { type: 'text', length: 64 },
          ward: { type: 'text', length: 64 },
          ended_at: { type: 'bigint' },
        },
        primaryKey: ['encounter'],
      }),
  },
  {
    name: '2026-02-visits-by-time',
    up: async (tables) => {
      await tables.addColumn('x_clinic_visit', 'class', { type: 'text', length: 16, default: 'AMB' });
      await tables.createIndex('x_clinic_visit', 'ended_at', ['ended_at']);
    },
  },
];
