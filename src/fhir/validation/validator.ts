import { loadInvariants, type Definitions } from '../definitions/index.js';
import { InvariantChecks } from './invariants/invariant.check.js';
import { asObject, jsonKind } from './json-object.js';
import { checkResource } from './rules/resource.rule.js';
import { Run } from './run.js';
import { TypeCompiler } from './type-compiler.js';
import type { Validator } from './validation-issue.js';

/**
 * Makes a validator from the definitions. The checks of a type are compiled to closures when a resource first
 * needs them, and kept.
 *
 * @example compileValidator(loadDefinitions())(JSON.parse(text), { mode: 'full' })
 */
export function compileValidator(definitions: Definitions): Validator {
  const { check } = new TypeCompiler(definitions, new InvariantChecks(definitions, loadInvariants()));
  return (value, options) => {
    const resource = asObject(value);
    const type = resource?.resourceType;
    const isKnown = typeof type === 'string' && definitions.isResourceType(type);
    const run = new Run(options.place ?? (isKnown ? type : 'Resource'), options);
    if (resource === undefined) {
      run.error('structure', `A resource is an object, not ${jsonKind(value)}.`);
    } else checkResource(resource, run, { definitions, checkOf: check, isContained: false });
    return run.finish();
  };
}
