import { StepBudget } from '../../budgets/index.js';
import type { Definitions, ElementDefinition, Invariant, TypeDefinition } from '../../definitions/index.js';
import type { Run } from '../run.js';
import type { Condition } from './compiled.js';
import { parseExpression } from './constraint-expression.js';
import { compileExpression } from './constraint-compiler.js';
import { EMPTY, FALSE } from './truth.js';

/** Checks the invariants of an element; the run's place is the element's. */
export type InvariantCheck = (item: unknown, run: Run) => void;

/** Rules that the structural checks hold, by hand: they are asked of every element, or guard the structure. */
export const checkedByStructure: ReadonlySet<string> = new Set([
  'ele-1',
  'ext-1',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'ref-1',
  'sqty-1',
  'txt-1',
  'txt-2',
]);

/**
 * Rules that nobody checks: `ctm-1` follows references, which a validator without a store can't; `dom-6`
 * asks every resource for a narrative; `cid-0` is about a name that a ChargeItemDefinition does not have.
 */
export const unchecked: ReadonlySet<string> = new Set(['ctm-1', 'dom-6', 'cid-0']);

/** Types whose rules are part of the structure: a Bundle that breaks them can't be processed. */
const structural: ReadonlySet<string> = new Set(['Bundle', 'Bundle.entry']);

interface CompiledInvariant {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly condition: Condition;
}

/** The invariants of types and elements, compiled when they are first asked for. */
export class InvariantChecks {
  private readonly compiled = new Map<string, readonly CompiledInvariant[]>();

  constructor(
    private readonly definitions: Definitions,
    private readonly invariants: ReadonlyMap<string, readonly Invariant[]>,
  ) {}

  /** Invariants of a type and of those that it specialises; undefined: there are none. */
  ofType(type: TypeDefinition): InvariantCheck | undefined {
    const own = this.declared(type.name, new Set([type.name]));
    let all = own;
    for (let { base } = type; base !== null; base = this.definitions.type(base)?.base ?? null) {
      all = [...all, ...this.declared(base, new Set([base]))];
    }
    return invariantCheck(all, structural.has(type.name) ? own : []);
  }

  /** Invariants of an element's values that their type doesn't have; undefined: there are none. */
  ofElement({ path, types }: ElementDefinition): InvariantCheck | undefined {
    // Those of a backbone element stand with its type, which has the same name.
    if (this.definitions.type(path) !== undefined) return undefined;
    return invariantCheck(this.declared(path, new Set(types.map(({ code }) => code))), []);
  }

  private declared(path: string, focus: ReadonlySet<string>): readonly CompiledInvariant[] {
    const known = this.compiled.get(path);
    if (known) return known;
    const compiled = (this.invariants.get(path) ?? [])
      .filter(({ key }) => !checkedByStructure.has(key) && !unchecked.has(key))
      .map((invariant) => this.compile(invariant, path, focus));
    this.compiled.set(path, compiled);
    return compiled;
  }

  private compile(invariant: Invariant, path: string, focus: ReadonlySet<string>): CompiledInvariant {
    return {
      severity: invariant.severity,
      message: `The rule ${invariant.key} is not met: ${invariant.human.replace(/\.?\s*$/, '.')}`,
      condition: compileExpression(parseExpression(invariant.expression), {
        definitions: this.definitions,
        focus,
        context: focus,
        resource: path.split('.')[0] ?? path,
        steps: StepBudget.unlimited,
      }),
    };
  }
}

function invariantCheck(
  full: readonly CompiledInvariant[],
  always: readonly CompiledInvariant[],
): InvariantCheck | undefined {
  if (full.length === 0) return undefined;
  return (item, run) => {
    const rules = run.full ? full : always;
    if (rules.length === 0 || run.scope === undefined) return;
    const evaluation = {
      context: item,
      steps: StepBudget.unlimited,
      resource: run.scope.resource,
      ofResource: run.scope.memo,
      ofContext: undefined,
    };
    for (const { condition, severity, message } of rules) {
      const result = condition.test(item, evaluation);
      if (result !== FALSE && result !== EMPTY) continue;
      if (severity === 'error') run.error('invariant', message);
      else run.warning('invariant', message);
    }
  };
}
