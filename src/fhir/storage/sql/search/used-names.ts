import { derivedCode, openCode } from '../../../search/derived-values.js';
import { TERMS } from '../../../search/text/text-index.js';
import type { ParameterTest, SearchExpression, SearchQuery } from '../../../search/query.js';

/** The names in a query. */
export interface UsedNames {
  /** Codes of parameters with the types that they are looked up for. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  readonly systems: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** Every name that a statement of the query may need a number for. */
export function usedNames({ types, filter, sort, latest }: SearchQuery): UsedNames {
  const collector = new NameCollector();
  collector.addTypes(types);
  for (const expression of filter) collector.add(expression, types);
  for (const { code, type } of sort) {
    if (type !== 'id' && type !== 'last-updated') collector.addCode(code, types);
  }
  if (latest !== undefined) {
    for (const code of [latest.by, derivedCode(latest.by, 'text'), latest.date])
      collector.addCode(code, types);
  }
  return collector;
}

class NameCollector implements UsedNames {
  readonly codes = new Map<string, Set<string>>();
  readonly systems = new Set<string>();
  readonly types = new Set<string>();

  /** @param types in question: those whose resources the expression is about */
  add(expression: SearchExpression, types: readonly string[]): void {
    switch (expression.kind) {
      case 'and':
      case 'or':
        for (const operand of expression.operands) this.add(operand, types);
        return;
      case 'not':
        this.add(expression.operand, types);
        return;
      case 'of-type':
        this.add(
          expression.operand,
          types.filter((type) => expression.types.includes(type)),
        );
        return;
      case 'chain':
        this.addCode(expression.code, types);
        this.addTypes(expression.targets);
        this.add(expression.operand, expression.targets);
        return;
      case 'has':
        this.addTypes([expression.type]);
        this.addCode(expression.code, [expression.type]);
        this.add(expression.operand, [expression.type]);
        return;
      case 'words':
        this.addCode(TERMS, types);
        return;
      case 'near':
      case 'present':
        this.addCode(expression.code, types);
        return;
      case 'parameter':
        this.addCode(expression.code, types);
        if (expression.type === 'number' || expression.type === 'quantity') {
          this.addCode(openCode(expression.code), types);
        }
        for (const test of expression.anyOf) this.addTest(test);
        return;
      case 'id':
      case 'last-updated':
        return;
    }
  }

  addTypes(types: readonly string[]): void {
    for (const type of types) this.types.add(type);
  }

  addCode(code: string, types: readonly string[]): void {
    const known = this.codes.get(code) ?? new Set();
    for (const type of types) known.add(type);
    this.codes.set(code, known);
  }

  private addTest(test: ParameterTest): void {
    if (test.type === 'composite') for (const component of test.components) this.addTest(component);
    else if ((test.type === 'token' || test.type === 'quantity') && typeof test.system === 'string') {
      this.systems.add(test.system);
    } else if (test.type === 'reference' && test.targetType !== undefined) this.types.add(test.targetType);
  }
}
