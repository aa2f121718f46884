import type { Link } from '../format/links.js';
import type { ResourceText } from '../format/resource-text.js';
import type { TransactionCriteria } from './transaction-criteria.js';
import type { TransactionEntries } from './transaction-entries.js';
import type { TransactionLinks } from './transaction-links.js';

/** What a transaction Bundle wants to write, prepared as far as that is possible outside of the database. */
export interface PreparedTransaction {
  readonly repository: string;
  readonly bytes: number;
  readonly entries: TransactionEntries;
  readonly links: TransactionLinks;
  /** Criteria that decide what is written: of ifNoneExist and of conditional updates, patches and deletes. */
  readonly conditions: TransactionCriteria;
  /** Criteria of conditional references. */
  readonly lookups: TransactionCriteria;
  /** Most resources that one conditional delete takes. */
  readonly deletionLimit: number;
  /** Whether an update may create. */
  readonly updateCreate: boolean;
  /** Links of a text that only the transaction makes: of a patched resource. */
  findLinks(text: ResourceText): readonly Link[];
}
