import { appendFileSync } from 'node:fs';

/** Notes what a test saw, for the table that `npm run test:soak` prints. Nothing is asserted on it. */
export function figure(test: string, database: string, seen: Readonly<Record<string, number>>): void {
  const file = process.env.FIREKEEP_TEST_FIGURES;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ test, database, seen })}\n`);
}
