import type { AccessConstraint, AccessDecision, Criterion, Interaction } from '../../../contract/index.js';
import { isEverything } from '../../search/access-filter.js';
import type { SearchAccess, SearchExpression } from '../../search/query.js';
import type { PatientLimit, WriteReach } from './write-reach.js';

const everything: SearchExpression = { kind: 'and', operands: [] };
const nothing: SearchExpression = { kind: 'or', operands: [] };

/** One interaction of each letter of rights. */
const asked: readonly Interaction[] = ['create', 'read', 'update', 'delete', 'search-type'];

/** Where the decisions about one principal come from, and how their criteria are read. */
export interface GrantedAccessParts {
  /** Every type of the repository. */
  readonly types: readonly string[];
  decide(interaction: Interaction, type: string): AccessDecision;
  /** What a resource of the type must fulfil; undefined: the criterion can't be read for the type. */
  compile(criterion: Criterion, type: string): SearchExpression | undefined;
  /** The patients to which the criterion holds what is written; undefined: it is not about patients. */
  limit(criterion: Criterion): PatientLimit | undefined;
}

/**
 * What one principal may do in one repository, as search expressions: an interaction is permitted on a resource
 * that matches. The union of the constraints of the policy; where there are none, nothing is permitted, and what
 * can't be read permits nothing.
 */
export class GrantedAccess {
  private readonly known = new Map<string, SearchExpression>();
  private readonly reaches = new Map<string, readonly WriteReach[]>();
  private asksPatients: boolean | undefined;
  private searches: { readonly access: SearchAccess | undefined } | undefined;

  constructor(private readonly parts: GrantedAccessParts) {}

  /** What a resource must fulfil for an interaction on it. */
  within(interaction: Interaction, type: string): SearchExpression {
    const key = `${interaction} ${type}`;
    let expression = this.known.get(key);
    if (expression === undefined) {
      expression = this.union(this.parts.decide(interaction, type), interaction, type);
      this.known.set(key, expression);
    }
    return expression;
  }

  /** The rights by which a resource of the type may be written, each by itself. */
  reachesOf(interaction: Interaction, type: string): readonly WriteReach[] {
    const key = `${interaction} ${type}`;
    let reaches = this.reaches.get(key);
    if (reaches === undefined) {
      reaches = constraintsOf(this.parts.decide(interaction, type), interaction, type)
        .map((constraint): WriteReach => ({
          expression: this.intersection(constraint, type),
          limits: constraint.allOf.flatMap((criterion) => this.parts.limit(criterion) ?? []),
          keepsParticipants: constraint.allOf.some((criterion) => 'participants' in criterion),
        }))
        .filter(({ expression }) => expression !== nothing);
      this.reaches.set(key, reaches);
    }
    return reaches;
  }

  /** Whether whatever resource of the type may be written, with whatever content. */
  isFree(interaction: Interaction, type: string): boolean {
    return (
      this.isUnrestricted(interaction, type) &&
      this.reachesOf(interaction, type).some(
        ({ expression, keepsParticipants }) => expression === everything && !keepsParticipants,
      )
    );
  }

  /** Whether the interaction is permitted on every resource of the type. */
  isUnrestricted(interaction: Interaction, type: string): boolean {
    return this.within(interaction, type) === everything;
  }

  /**
   * Of these types (null: of all) those that the interaction is permitted on, where it is for every resource of a
   * type or for none; null: all; undefined: for some it is permitted in part.
   */
  wholeTypes(
    interaction: Interaction,
    types: readonly string[] | null,
  ): readonly string[] | null | undefined {
    const asked = types ?? this.parts.types;
    const open = asked.filter((type) => this.isUnrestricted(interaction, type));
    if (open.length === asked.length) return types;
    return asked.every((type) => open.includes(type) || this.isRefused(interaction, type)) ? open : undefined;
  }

  /** Whether the interaction is permitted on no resource of the type. */
  isRefused(interaction: Interaction, type: string): boolean {
    return this.within(interaction, type) === nothing;
  }

  /** Whether it depends on whose patients they are. */
  get asksWhosePatients(): boolean {
    this.asksPatients ??= this.parts.types.some((type) =>
      asked.some((interaction) =>
        constraintsOf(this.parts.decide(interaction, type), interaction, type).some(({ allOf }) =>
          allOf.some((criterion) => 'patientsOf' in criterion),
        ),
      ),
    );
    return this.asksPatients;
  }

  /** What searches may see, through whatever they follow; undefined: everything. */
  get ofSearches(): SearchAccess | undefined {
    this.searches ??= { access: this.searchAccess() };
    return this.searches.access;
  }

  private searchAccess(): SearchAccess | undefined {
    const byType = new Map(this.parts.types.map((type) => [type, this.within('search-type', type)]));
    const isOpen = [...byType.values()].every((expression) => expression === everything);
    return isOpen ? undefined : { byType, others: nothing };
  }

  private union(decision: AccessDecision, interaction: Interaction, type: string): SearchExpression {
    const operands = constraintsOf(decision, interaction, type)
      .map((constraint) => this.intersection(constraint, type))
      .filter((operand) => operand !== nothing);
    const [only, ...others] = operands;
    if (only === undefined) return nothing;
    if (operands.includes(everything)) return everything;
    return others.length === 0 ? only : { kind: 'or', operands };
  }

  private intersection({ allOf, noneOf }: AccessConstraint, type: string): SearchExpression {
    const operands: SearchExpression[] = [];
    for (const criterion of allOf) {
      const operand = this.parts.compile(criterion, type);
      if (operand === undefined || isEmpty(operand)) return nothing;
      if (!isEverything(operand)) operands.push(operand);
    }
    for (const criterion of noneOf) {
      const operand = this.parts.compile(criterion, type);
      // A prohibition that can't be read holds for all.
      if (operand === undefined) return nothing;
      if (!isEmpty(operand)) operands.push({ kind: 'not', operand });
    }
    const [only, ...others] = operands;
    if (only === undefined) return everything;
    return others.length === 0 ? only : { kind: 'and', operands };
  }
}

function constraintsOf(
  decision: AccessDecision,
  interaction: Interaction,
  type: string,
): readonly AccessConstraint[] {
  if (decision.kind === 'deny') return [];
  return decision.constraints.filter(
    ({ resourceType, interactions }) =>
      (resourceType === '*' || resourceType === type) && interactions.has(interaction),
  );
}

/** Whether no resource can match: any of no alternatives. */
function isEmpty(expression: SearchExpression): boolean {
  return expression.kind === 'or' && expression.operands.length === 0;
}
