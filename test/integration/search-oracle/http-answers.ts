import type { FhirApplication } from '../../kit/fhir-application.js';
import { nameOf, type WrittenSearch } from '../../kit/search-oracle/search.js';

interface Entry {
  readonly fullUrl: string;
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
}

interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly Entry[];
}

/**
 * All pages of a search as a client gets them, in the form of `answerOf`: the first as it is asked for, the others
 * through the links. The total of every page, the order within it and the addresses are checked on the way.
 */
export async function answerByHttp(
  { app }: FhirApplication,
  base: string,
  search: WrittenSearch,
  method: 'GET' | 'POST',
): Promise<string[]> {
  const matches: string[] = [];
  const included: string[] = [];
  const totals = new Set<number | undefined>();
  let bundle = await first();
  for (let page = 1; page < 1000; page++) {
    const entries = bundle.entry ?? [];
    const count = entries.filter(({ search: { mode } }) => mode === 'match').length;
    expect(entries.map(({ search: { mode } }) => mode)).toEqual(
      entries.map((_, n) => (n < count ? 'match' : 'include')),
    );
    const names = entries.map(({ resource: { resourceType: type, id } }) => nameOf({ type, id }));
    expect(entries.map(({ fullUrl }) => fullUrl)).toEqual(names.map((name) => `${base}/${name}`));
    matches.push(...names.slice(0, count));
    included.push(
      ...names
        .slice(count)
        .map((name) => `${name}@${page}`)
        .sort(),
    );
    totals.add(bundle.total);
    const next = bundle.link.find(({ relation }) => relation === 'next')?.url;
    if (next === undefined) {
      expect([...totals]).toEqual([matches.length]);
      return [...matches, ...included];
    }
    expect(count).toBe(search.count);
    bundle = await ask('GET', next.slice(new URL(base).origin.length));
  }
  throw new Error('There is no end of pages.');

  function first(): Promise<Bundle> {
    const path = `${new URL(base).pathname}${pathOf(search)}`;
    const pairs = parametersOf(search).map(([name, value]): [string, string] => [name, value]);
    const query = new URLSearchParams(pairs).toString();
    return method === 'GET' ? ask('GET', `${path}?${query}`) : ask('POST', `${path}/_search`, query);
  }

  async function ask(verb: 'GET' | 'POST', url: string, payload?: string): Promise<Bundle> {
    const answer = await app.inject({
      method: verb,
      url,
      headers: {
        prefer: 'handling=strict',
        ...(payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(payload === undefined ? {} : { payload }),
    });
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body.slice(0, 1000)}`);
    return answer.json<Bundle>();
  }
}

function pathOf({ types, compartment }: WrittenSearch): string {
  const [type = '', ...others] = types;
  if (others.length > 0) return '';
  return compartment === null ? `/${type}` : `/${nameOf(compartment)}/${type}`;
}

function parametersOf(search: WrittenSearch): (readonly [string, string])[] {
  const { types, parameters, includes, sort, count } = search;
  return [
    ...parameters,
    ...includes,
    ...(types.length === 1 ? [] : [['_type', types.join(',')] as const]),
    ...(sort === '' ? [] : [['_sort', sort] as const]),
    ['_count', String(count)],
    ['_total', 'accurate'],
  ];
}
