import type { ErrorIssue } from '../../../platform/errors/index.js';
import type { Definitions, SearchParameterComponent } from '../../definitions/index.js';
import type { JsonObject } from '../../format/parsed-resource.js';
import { requireCompilable } from '../../search/extraction/index.js';
import type { ParameterDefinition } from '../../storage/parameter-registry.js';
import { componentsOf } from './composite-components.js';
import { isBuiltIn } from './built-in.js';

/** What a SearchParameter defines, and what is wrong with it. */
export interface DefinedParameter {
  /** Absent where it defines nothing: it is not active, the server has it anyway, or something is wrong. */
  readonly definition?: ParameterDefinition;
  readonly issues: readonly ErrorIssue[];
}

const types = ['number', 'date', 'string', 'token', 'reference', 'composite', 'quantity', 'uri'] as const;
type DefinableType = (typeof types)[number];

const codeForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const MAX_URL = 2000;

/**
 * Reads what a SearchParameter defines. Only an active one defines anything: drafts are stored as they are.
 *
 * @param definitions those of the server, without what repositories add
 * @see https://hl7.org/fhir/R4/searchparameter.html
 */
export function readSearchParameter(resource: JsonObject, definitions: Definitions): DefinedParameter {
  if (resource.status !== 'active') return { issues: [] };
  return new Reader(resource, definitions).read();
}

class Reader {
  private readonly issues: ErrorIssue[] = [];

  constructor(
    private readonly resource: JsonObject,
    private readonly definitions: Definitions,
  ) {}

  read(): DefinedParameter {
    const code = this.code();
    const url = this.url();
    const type = this.type();
    const bases = this.bases();
    const expression = this.expression();
    const targets = this.targets(type);
    const components = this.components(type);
    this.usage();
    if (this.issues.length > 0 || type === undefined) return { issues: this.issues };
    const { multipleOr } = this.resource;
    const parameter = {
      code,
      url,
      base: bases,
      type,
      expression,
      targets,
      components,
      multipleOr: multipleOr !== false,
      usage: 'normal' as const,
    };
    const own = bases.filter((base) => !isBuiltIn(parameter, base, this.definitions));
    for (const base of own) this.requireUsable(parameter, base);
    if (this.issues.length > 0 || own.length === 0) return { issues: this.issues };
    return { definition: { types: own, parameter }, issues: [] };
  }

  private code(): string {
    const code = textOf(this.resource.code);
    if (!codeForm.test(code)) {
      this.refuse(
        'code',
        'A code that can be searched by is a letter, then letters, digits, "-" and "_": 64 at most.',
      );
    }
    return code;
  }

  private url(): string {
    const url = textOf(this.resource.url);
    if (!URL.canParse(url) || url.length > MAX_URL) {
      this.refuse('url', `An active SearchParameter needs an absolute url of at most ${MAX_URL} characters.`);
    }
    return url;
  }

  private type(): DefinableType | undefined {
    const type = types.find((known) => known === this.resource.type);
    if (type === undefined) {
      this.refuse(
        'type',
        `Parameters can be defined of the types ${types.join(', ')}; others need a program.`,
      );
    }
    return type;
  }

  /** Concrete types: Resource and DomainResource stand for those that are derived from them. */
  private bases(): readonly string[] {
    const { base } = this.resource;
    const named = Array.isArray(base) ? base.map(textOf) : [];
    if (named.length === 0)
      this.refuse('base', 'An active SearchParameter names the resource types that have it.');
    const found = named.flatMap((name, index) => {
      const concrete = concreteTypes(name, this.definitions);
      if (concrete.length === 0)
        this.refuse(`base[${index}]`, `There is no resource type "${name.slice(0, 64)}".`);
      return concrete;
    });
    return [...new Set(found)];
  }

  private expression(): string {
    const expression = textOf(this.resource.expression);
    if (expression === '') {
      this.refuse(
        'expression',
        'An active SearchParameter needs an expression: the FHIRPath of what it finds.',
      );
    }
    return expression;
  }

  private targets(type: DefinableType | undefined): readonly string[] {
    const { target } = this.resource;
    if (type !== 'reference') return [];
    const named = Array.isArray(target) ? target.map(textOf) : [];
    if (named.length === 0 || named.includes('Resource')) return this.definitions.resourceTypes;
    for (const [index, name] of named.entries()) {
      if (this.definitions.isResourceType(name)) continue;
      this.refuse(`target[${index}]`, `There is no resource type "${name.slice(0, 64)}".`);
    }
    return [...new Set(named)];
  }

  private components(type: DefinableType | undefined): readonly SearchParameterComponent[] {
    if (type !== 'composite') return [];
    const { components, issues } = componentsOf(this.resource.component, this.definitions);
    this.issues.push(...issues);
    return components;
  }

  private usage(): void {
    const { xpathUsage } = this.resource;
    if (xpathUsage === undefined || xpathUsage === 'normal') return;
    this.refuse(
      'xpathUsage',
      `Parameters are matched by their values only, not as "${textOf(xpathUsage).slice(0, 20)}".`,
    );
  }

  private requireUsable(parameter: ParameterDefinition['parameter'], base: string): void {
    if (this.definitions.searchParameter(base, parameter.code) !== undefined) {
      this.refuse(
        'code',
        `${base} has a search parameter "${parameter.code}" already, with another meaning.`,
      );
      return;
    }
    try {
      requireCompilable(parameter, this.definitions, base);
    } catch (error) {
      this.refuse('expression', `For ${base}: ${(error as Error).message.slice(0, 300)}.`);
    }
  }

  private refuse(element: string, message: string): void {
    this.issues.push({ message, code: 'business-rule', expression: `SearchParameter.${element}` });
  }
}

function concreteTypes(name: string, definitions: Definitions): readonly string[] {
  if (definitions.isResourceType(name)) return [name];
  const { resourceTypes } = definitions;
  if (name === 'Resource') return resourceTypes;
  return name === 'DomainResource' ? resourceTypes.filter((one) => definitions.type(one)?.base === name) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
