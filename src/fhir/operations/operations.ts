import { DocumentOperation } from './document/document.operation.js';
import { EncounterEverythingOperation } from './everything/encounter-everything.operation.js';
import { PatientEverythingOperation } from './everything/patient-everything.operation.js';
import { LastnOperation } from './lastn/lastn.operation.js';
import { MetaAddOperation } from './meta-add/meta-add.operation.js';
import { MetaDeleteOperation } from './meta-delete/meta-delete.operation.js';
import { MetaOperation } from './meta/meta.operation.js';
import { ReindexOperation } from './reindex/reindex.operation.js';
import { ValidateOperation } from './validate/validate.operation.js';

/** The operations that this server brings along. */
export const operations = [
  ReindexOperation,
  ValidateOperation,
  MetaOperation,
  MetaAddOperation,
  MetaDeleteOperation,
  PatientEverythingOperation,
  EncounterEverythingOperation,
  LastnOperation,
  DocumentOperation,
] as const;
