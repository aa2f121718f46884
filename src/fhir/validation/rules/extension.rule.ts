import type { ObjectCheck } from '../object.check.js';

/** An extension has either a value or extensions. Source: FHIR R4 extensibility.html, rule ext-1. */
export const extensionRule: ObjectCheck = (extension, run) => {
  const hasValue = Object.keys(extension).some((key) => key.startsWith('value') || key.startsWith('_value'));
  if (hasValue !== (extension.extension !== undefined)) return;
  run.error(
    'invariant',
    `An extension has either a value or extensions inside; this one has ${hasValue ? 'both' : 'neither'} (rule ext-1).`,
  );
};
