import type { Definitions } from './definitions.js';
import { overlayDefinitions } from './overlay-definitions.js';
import type { SearchParameter } from './search-parameter.js';

/** The R4 definitions and what extensions add to them while the application starts. */
export class ExtensibleDefinitions {
  readonly definitions: Definitions;
  private readonly parameters = new Map<string, readonly SearchParameter[]>();
  private readonly byUrl = new Map<string, SearchParameter>();
  private isClosed = false;

  constructor(base: Definitions) {
    this.definitions = overlayDefinitions(base, this.parameters, this.byUrl);
  }

  /** Every parameter that was added, once for each of its types. */
  get added(): readonly { readonly type: string; readonly parameter: SearchParameter }[] {
    return [...this.parameters].flatMap(([type, list]) =>
      list.filter(({ coverage }) => coverage !== undefined).map((parameter) => ({ type, parameter })),
    );
  }

  /** @param parameter with the coverage of this type */
  add(type: string, parameter: SearchParameter): void {
    if (this.isClosed) throw new Error('Definitions grow while the application starts, and not later.');
    this.parameters.set(type, [...this.definitions.searchParameters(type), parameter]);
    if (!this.byUrl.has(parameter.url)) this.byUrl.set(parameter.url, parameter);
  }

  /** From now on everything that is derived from the definitions may be kept. */
  close(): void {
    this.isClosed = true;
  }
}
