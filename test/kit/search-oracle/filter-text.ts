/** A `_filter` taken apart, `and` and `or` from left to right. Source: FHIR R4 search_filter.html. */
export type FilterTree =
  | { readonly kind: 'and' | 'or'; readonly left: FilterTree; readonly right: FilterTree }
  | { readonly kind: 'not'; readonly inner: FilterTree }
  | ({ readonly kind: 'test'; readonly links: readonly Link[]; readonly name: string } & Comparison);

export interface Link {
  readonly name: string;
  readonly inner: FilterTree | undefined;
}

interface Comparison {
  readonly operator: string;
  readonly value: string;
}

/** @param text well-formed, with words that hold brackets in quotes */
export function filterTree(text: string): FilterTree {
  const lexemes = text.match(/"(?:[^"\\]|\\.)*"|[()[\]]|[^\s()[\]"]+/g) ?? [];
  let at = 0;
  const next = (): string => lexemes[at++] ?? '';

  function whole(): FilterTree {
    let tree = part();
    while (lexemes[at] === 'and' || lexemes[at] === 'or') {
      const kind = next() === 'and' ? 'and' : 'or';
      tree = { kind, left: tree, right: part() };
    }
    return tree;
  }

  function part(): FilterTree {
    if (lexemes[at] === 'not' && lexemes[at + 1] === '(') {
      next();
      return { kind: 'not', inner: part() };
    }
    if (lexemes[at] !== '(') return test();
    next();
    const tree = whole();
    next();
    return tree;
  }

  function test(): FilterTree {
    const links: Link[] = [];
    let names = next().split('.');
    while (lexemes[at] === '[') {
      next();
      const inner = whole();
      next();
      const last = names.pop() ?? '';
      links.push(...names.map((name) => ({ name, inner: undefined })), { name: last, inner });
      names = next().split('.').slice(1);
    }
    const name = names.pop() ?? '';
    links.push(...names.map((one) => ({ name: one, inner: undefined })));
    const operator = next();
    const written = next();
    const value = written.startsWith('"') ? String(JSON.parse(written)) : written;
    return { kind: 'test', links, name, operator, value };
  }

  return whole();
}
