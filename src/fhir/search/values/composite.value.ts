import type { SearchParameter } from '../../definitions/index.js';
import { splitUnescaped } from '../escaping.js';
import type { CompositeTest, SimpleTest } from '../query.js';
import { invalidValue, unsupportedParameter } from '../search-errors.js';
import type { ValueContext } from '../value-context.js';
import { isIndexedType, parseSimpleTest } from './simple.value.js';

/** Bytes of a text, and of nothing longer, that a composite keeps of its components. */
const TEXT_BYTES = 255;

/**
 * `a$b`: a value for each component, each read as its own parameter reads it, prefixes included.
 * Source: FHIR R4 search.html#composite.
 */
export function parseCompositeTest(context: ValueContext, text: string): CompositeTest {
  const { name, parameter } = context;
  const parts = splitUnescaped(text, '$');
  if (parts.length !== parameter.components.length || parts.includes('')) {
    throw invalidValue(name, text, `${parameter.components.length} values with $ between them`);
  }
  return {
    type: 'composite',
    components: componentsOf(context).map((component, n) =>
      parseComponent({ ...context, parameter: component, modifier: undefined }, parts[n] ?? ''),
    ),
  };
}

function componentsOf({ name, parameter, definitions }: ValueContext): SearchParameter[] {
  return parameter.components.map(({ definition }) => {
    const component = definitions.searchParameterByUrl(definition);
    if (component === undefined)
      throw unsupportedParameter(name, `its component ${definition} is not known.`);
    return component;
  });
}

function parseComponent(context: ValueContext, text: string): SimpleTest {
  const { name, parameter } = context;
  if (!isIndexedType(parameter.type)) {
    throw unsupportedParameter(name, `its component "${parameter.code}" has no values to compare.`);
  }
  const test = parseSimpleTest(parameter.type, context, text);
  if (test.type === 'string' && Buffer.byteLength(test.text) > TEXT_BYTES) {
    throw invalidValue(name, text, `a text of ${TEXT_BYTES} bytes at most as part of a composite`);
  }
  if (test.type === 'reference' && (test.targetVersion ?? test.canonicalVersion) !== undefined) {
    throw invalidValue(name, text, 'a reference without a version as part of a composite');
  }
  return test;
}
