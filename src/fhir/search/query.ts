import type { Circle } from './geography/sphere.js';
import type { IndexedType } from './index-values.js';

/**
 * The abstract syntax of a search: what the parser makes of a query string, what rewriters add to (access
 * constraints, compartments) and what `storage/sql` turns into statements. Names are those of FHIR R4
 * search.html. Values are already parsed and checked: nothing in here can fail on the way to SQL.
 */
export interface SearchQuery {
  readonly repository: string;
  /** The types searched; one for a type-level search. */
  readonly types: readonly string[];
  /** Of what belongs to one resource, each type is searched by itself; `types` are theirs. Absent: all are searched as one. */
  readonly members?: SearchedMembers;
  /** The latest matches of each group, in place of all in an order. */
  readonly latest?: LatestOfGroups;
  /** Everything must hold. */
  readonly filter: readonly SearchExpression[];
  /**
   * Codes of dates that stand more than once in the filter, and of which a resource has one value at the most: that value
   * must fulfil all that is asked of them. Absent: there are none.
   */
  readonly single?: readonly string[];
  readonly sort: readonly SortKey[];
  /** Matches a page; 0 asks for the total only. */
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
  /** What of the repository the caller may see; absent: all of it. */
  readonly access?: SearchAccess;
  /**
   * Version of the repository's own search parameters that the query was read by; absent: it uses none of them, or
   * it is not held to them.
   */
  readonly definitions?: number;
  /** Position behind which the page starts, as `SearchPage.next` gave it. */
  readonly after?: readonly (string | number)[];
  /** Position before which the page ends, as `SearchPage.previous` gave it; in place of `after`. */
  readonly before?: readonly (string | number)[];
  /** The page says how it was found. For administrators only. */
  readonly explain?: true;
  /** Resources that come with the matches of a page. */
  readonly includes?: readonly IncludeDirective[];
}

/**
 * Resources that matches refer to, or that refer to them, by a reference parameter.
 * Source: FHIR R4 search.html#revinclude.
 */
export interface IncludeDirective {
  /** `_revinclude`: the parameter is of the resources that are included. */
  readonly reverse: boolean;
  /** Goes on from resources that are included. */
  readonly iterate: boolean;
  /** The type whose parameter it is; null: every type. */
  readonly type: string | null;
  /** Null: every reference parameter of the type. */
  readonly code: string | null;
  /** The type that is referred to; null: any. */
  readonly target: string | null;
  /** The parameters that these names stand for; of those types only from which the directive can start. */
  readonly parameters: readonly IncludeParameter[];
}

export interface IncludeParameter {
  readonly type: string;
  readonly code: string;
  /** Types that it may refer to. */
  readonly targets: readonly string[];
}

/**
 * Matches in groups, of each those with the latest dates. A page holds whole groups, as many as have `count` resources,
 * and one at the least.
 */
export interface LatestOfGroups {
  /** Token parameter: resources that share a code are of one group, and so are those that others link by theirs. */
  readonly by: string;
  /** Date parameter. */
  readonly date: string;
  /** Resources of a group. */
  readonly most: number;
  /**
   * `first`: the first condition of the filter is gathered, however many others there may be; `others`: what else is asked is, by
   * whichever is rarest, since what the first one finds is hidden, however much that is. Absent: whichever is rarest.
   */
  readonly gathers?: 'first' | 'others';
}

/** The resources that refer to an owner: as many as there are of them are gathered, however many others there may be. */
export interface SearchedMembers {
  readonly owner: { readonly type: string; readonly id: string };
  readonly ofTypes: readonly MembersOfType[];
}

export interface MembersOfType {
  readonly type: string;
  /** Codes of reference parameters, any of which refers to the owner. */
  readonly codes: readonly string[];
  /** The same as an expression: what the access need not ask again. */
  readonly membership: SearchExpression;
  /** What must hold besides. */
  readonly filter: readonly SearchExpression[];
}

export type SearchExpression =
  | { readonly kind: 'and'; readonly operands: readonly SearchExpression[] }
  | { readonly kind: 'or'; readonly operands: readonly SearchExpression[] }
  | { readonly kind: 'not'; readonly operand: SearchExpression }
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** A resource of one of these types, of those searched, for which the operand holds. */
  | { readonly kind: 'of-type'; readonly types: readonly string[]; readonly operand: SearchExpression }
  | {
      readonly kind: 'last-updated';
      readonly prefix: DatePrefix;
      readonly low: number;
      readonly high: number;
    }
  /** The resource has at least one value of the parameter: `:missing=false`. */
  | { readonly kind: 'present'; readonly code: string; readonly type: SearchedType | 'position' }
  /** All words of one of the alternatives are in the narrative (`text`), or in any text. Source: FHIR R4 search.html#content. */
  | {
      readonly kind: 'words';
      readonly on: 'text' | 'content';
      readonly anyOf: readonly (readonly WordTest[])[];
    }
  /** A position of the parameter lies in one of these circles. Source: FHIR R4 location.html#positional. */
  | { readonly kind: 'near'; readonly code: string; readonly circles: readonly Circle[] }
  /** A reference of the parameter leads to a current resource of one of these types for which the operand holds. */
  | {
      readonly kind: 'chain';
      readonly code: string;
      readonly targets: readonly string[];
      readonly operand: SearchExpression;
    }
  /** Some current resource of the type refers here by its parameter `code`, and the operand holds for it. */
  | {
      readonly kind: 'has';
      readonly type: string;
      readonly code: string;
      readonly operand: SearchExpression;
    }
  | ParameterExpression
  | LookupExpression;

/**
 * A parameter whose tests stand in value sets, code systems or other resources. `resolveLookups` puts a `parameter` in
 * its place; nothing else evaluates it.
 */
export interface LookupExpression {
  readonly kind: 'lookup';
  readonly code: string;
  readonly type: 'token' | 'reference';
  readonly anyOf: readonly Lookup[];
}

export type Lookup =
  /** The codes of a value set, named by `url`, `url|version` or a literal reference. */
  | { readonly find: 'value-set'; readonly reference: string }
  /** A concept with all that subsume it, or that it subsumes. */
  | {
      readonly find: 'concepts';
      readonly relation: 'above' | 'below';
      readonly system: string;
      readonly code: string;
    }
  /** A resource with all that it is part of, or that are part of it. */
  | {
      readonly find: 'parts';
      readonly relation: 'above' | 'below';
      readonly targetType: string;
      readonly targetId: string;
    };

/**
 * Which resources may be seen, type by type: `{ and: [] }` is all of a type, `{ or: [] }` none. It holds for
 * matches, for what chains and `_has` go through, for includes and for totals: see `restricted`, `accessTo`.
 */
export interface SearchAccess {
  readonly byType: ReadonlyMap<string, SearchExpression>;
  /** Of the types that are not in `byType`. */
  readonly others: SearchExpression;
}

/** One search parameter with its alternatives (comma-separated values): any of them may match. */
export interface ParameterExpression {
  readonly kind: 'parameter';
  readonly code: string;
  readonly type: SearchedType;
  readonly anyOf: readonly ParameterTest[];
  /** Some value fulfils none of the tests: `ne` of filters, which is not `:not`. Of tokens, those with a code or system. */
  readonly except?: true;
  /** Other conditions on the same resource, none of which holds without this one. Says nothing about what matches. */
  readonly impliedBy?: readonly ParameterExpression[];
}

/** A term as `visitTerms` gives it, or what it starts with. */
export interface WordTest {
  readonly term: string;
  readonly prefix: boolean;
}

/** What a condition may be on: also what has no value of its own, since its components have. */
export type SearchedType = IndexedType | 'composite';

/** `co`, which only filters have: the range of the resource holds that of the search. */
export type DatePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap' | 'co';

export type ParameterTest = SimpleTest | CompositeTest;

/** All components of one value, in the order of the definition: `8480-6$gt140`. Source: FHIR R4 search.html#composite. */
export interface CompositeTest {
  readonly type: 'composite';
  readonly components: readonly SimpleTest[];
}

/** A test of a value that is no composite. */
export type SimpleTest =
  /**
   * `system` undefined: any; null: must have none. `code` undefined: any code of the system, or one of `codes` where
   * these are given, sorted. `coded`: there must be a code, whichever: a system without one is in no value set.
   */
  | {
      readonly type: 'token';
      readonly system: string | null | undefined;
      readonly code: string | undefined;
      readonly codes?: readonly string[];
      readonly coded?: true;
    }
  /** `exact` as written; all others normalized, `gt` to `le` by code points. */
  | {
      readonly type: 'string';
      readonly match: 'starts' | 'contains' | 'exact' | 'whole' | 'ends' | 'gt' | 'ge' | 'lt' | 'le';
      readonly text: string;
    }
  | { readonly type: 'date'; readonly prefix: DatePrefix; readonly low: number; readonly high: number }
  | {
      readonly type: 'number';
      readonly prefix: DatePrefix;
      readonly value: number;
      readonly low: number;
      readonly high: number;
    }
  | {
      readonly type: 'quantity';
      readonly prefix: DatePrefix;
      readonly value: number;
      readonly low: number;
      readonly high: number;
      readonly system: string | null | undefined;
      readonly code: string | undefined;
    }
  /**
   * `url` for what is not local; else the target id, with its type where given. Versions (`/_history/version`,
   * `canonical|version`) narrow that; absent: any version and none. `versionParts`: a canonical's version may go on
   * behind it with further parts (`1.4` with `1.4.2`).
   */
  | {
      readonly type: 'reference';
      readonly targetType: string | undefined;
      readonly targetId: string | undefined;
      readonly targetVersion?: string;
      readonly url: string | undefined;
      readonly canonicalVersion?: string;
      readonly versionParts?: true;
    }
  /** `below`: what goes on behind the URI with this separator as well. */
  | { readonly type: 'uri'; readonly uri: string; readonly below?: '/' | '.' };

export interface SortKey {
  readonly code: string;
  readonly type: IndexedType | 'id' | 'last-updated';
  readonly descending: boolean;
}
