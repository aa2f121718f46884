import type { QueryRunner } from 'typeorm';

/**
 * Has running servers derive the index of stored resources again, in the background: for a migration behind which
 * the index holds more, or other values, than what was stored before it has.
 *
 * @param types resource types, in every repository; null: all
 */
export async function requestReindex(runner: QueryRunner, types: readonly string[] | null): Promise<void> {
  const stored = (await runner.query('SELECT rid FROM resource LIMIT 1')) as readonly unknown[];
  if (stored.length === 0) return;
  await runner.query('INSERT INTO fhir_reindex_job (scope, origin, created) VALUES (?, ?, ?)', [
    JSON.stringify({ types }),
    'migration',
    Date.now(),
  ]);
}
