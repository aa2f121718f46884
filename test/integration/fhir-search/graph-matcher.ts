import type { SearchAccess, SearchExpression } from '../../../src/fhir/search/query.js';
import type { TestResource } from './search-store.js';

interface Element {
  readonly reference?: string;
  readonly [name: string]: unknown;
}

/** Values of the parameters that the generated resources are searched by. */
const elements: Readonly<Record<string, (resource: TestResource) => unknown>> = {
  name: ({ name }) => (Array.isArray(name) ? (name as Element[]).map(({ family }) => family) : name),
  gender: ({ gender }) => gender,
  status: ({ status }) => status,
  outcome: ({ outcome }) => outcome,
  code: ({ code }) => (code as { coding: Element[] }).coding.map((coding) => coding.code),
  partof: ({ partOf }) => partOf,
  organization: ({ managingOrganization }) => managingOrganization,
  subject: ({ subject }) => subject,
  member: ({ member }) => (member as Element[]).map(({ entity }) => entity),
  entity: ({ entity }) => (entity as Element[]).map(({ what }) => what),
};

export interface GraphNode {
  readonly type: string;
  readonly id: string;
  readonly resource: TestResource;
}

/**
 * The meaning of a query over resources that refer to each other, written down without a thought for speed.
 * Beside `src`: access is asked here where a resource is met, and nowhere written into the expression.
 */
export class Graph {
  private readonly byKey: ReadonlyMap<string, GraphNode>;

  constructor(private readonly nodes: readonly GraphNode[]) {
    this.byKey = new Map(nodes.map((node) => [`${node.type}/${node.id}`, node]));
  }

  find(types: readonly string[], filter: readonly SearchExpression[], access?: SearchAccess): GraphNode[] {
    return this.nodes.filter(
      (node) =>
        types.includes(node.type) &&
        this.isSeen(node, access) &&
        filter.every((expression) => this.holds(node, expression, access)),
    );
  }

  private isSeen(node: GraphNode, access: SearchAccess | undefined): boolean {
    if (access === undefined) return true;
    return this.holds(node, access.byType.get(node.type) ?? access.others, undefined);
  }

  private holds(node: GraphNode, expression: SearchExpression, access: SearchAccess | undefined): boolean {
    switch (expression.kind) {
      case 'and':
        return expression.operands.every((operand) => this.holds(node, operand, access));
      case 'or':
        return expression.operands.some((operand) => this.holds(node, operand, access));
      case 'not':
        return !this.holds(node, expression.operand, access);
      case 'of-type':
        return expression.types.includes(node.type) && this.holds(node, expression.operand, access);
      case 'chain':
        return this.targets(node, expression.code).some(
          (target) =>
            expression.targets.includes(target.type) &&
            this.isSeen(target, access) &&
            this.holds(target, expression.operand, access),
        );
      case 'has':
        return this.nodes.some(
          (other) =>
            other.type === expression.type &&
            this.isSeen(other, access) &&
            this.targets(other, expression.code).includes(node) &&
            this.holds(other, expression.operand, access),
        );
      case 'id':
        return expression.ids.includes(node.id);
      case 'present':
        return this.values(node, expression.code).length > 0;
      case 'parameter':
        return this.values(node, expression.code).some((value) =>
          expression.anyOf.some((test) =>
            test.type === 'token'
              ? value === test.code
              : test.type === 'string' && String(value).toLowerCase().startsWith(test.text),
          ),
        );
      default:
        throw new Error(`Nothing is generated of kind "${expression.kind}".`);
    }
  }

  private values({ resource }: GraphNode, code: string): unknown[] {
    return [elements[code]?.(resource)].flat().filter((value) => value !== undefined);
  }

  private targets(node: GraphNode, code: string): GraphNode[] {
    return this.values(node, code).flatMap(
      (value) => this.byKey.get((value as Element).reference ?? '') ?? [],
    );
  }
}
