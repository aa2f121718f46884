import { bytesLiteralLength, type Database } from '../../../platform/database/index.js';
import { FirekeepError } from '../../../platform/errors/index.js';

/** What a MEDIUMBLOB holds. */
const LONGEST_BODY = 16 * 1024 * 1024 - 1;
/** What stands around a body in its statement. */
const STATEMENT_REST = 4096;

/** Refuses bodies that the database could not take, before anything is written. */
export class BodySize {
  private constructor(private readonly longestStatement: number) {}

  static async of(database: Database): Promise<BodySize> {
    if (database.dialect === 'sqlite') return new BodySize(Number.POSITIVE_INFINITY);
    const [row] = await database.query('SELECT @@max_allowed_packet AS bytes');
    return new BodySize(Number(row?.bytes));
  }

  /** @throws FirekeepError `FHIR_STORE_RESOURCE_TOO_LARGE` */
  check(content: Buffer): void {
    const tooLong =
      content.length > LONGEST_BODY ||
      (content.length * 2 + STATEMENT_REST > this.longestStatement &&
        bytesLiteralLength(content) + STATEMENT_REST > this.longestStatement);
    if (!tooLong) return;
    throw new FirekeepError(
      'too-large',
      'FHIR_STORE_RESOURCE_TOO_LARGE',
      `The resource takes ${content.length} bytes, which is more than the database accepts.`,
      { detail: `Longest body ${LONGEST_BODY} bytes; max_allowed_packet ${this.longestStatement} bytes.` },
    );
  }
}
