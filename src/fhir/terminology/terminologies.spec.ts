import type { EndpointRegistry } from '../../endpoints/index.js';
import type { Settings } from '../../platform/config/index.js';
import type { RepositoryDefinitions } from '../search-parameters/repository-definitions.js';
import type { SearchAccess, SearchQuery } from '../search/query.js';
import type { ChangeStamps } from '../storage/change-stamps.js';
import type { ResourceStore, StoredResource } from '../storage/ports.js';
import { Terminologies } from './terminologies.js';

interface Body {
  readonly type: 'ValueSet' | 'CodeSystem';
  readonly url: string;
  readonly version: number;
  readonly resource: object;
}

const colours = 'http://example.org/colours';
const warm = 'http://example.org/warm';

const system = (business: string, ...codes: string[]): object => ({
  ...{ resourceType: 'CodeSystem', url: colours, version: business, status: 'active', content: 'complete' },
  concept: codes.map((code) => ({ code })),
});
const valueSet = (...codes: string[]): object => ({
  ...{ resourceType: 'ValueSet', url: warm, status: 'active' },
  compose: {
    include: [
      { system: colours, ...(codes.length === 0 ? {} : { concept: codes.map((code) => ({ code })) }) },
    ],
  },
});

describe('what is kept of value sets and code systems', () => {
  let bodies: Map<string, Body>;
  /** Bodies that were parsed, and types that were searched, in order. */
  let parsed: string[];
  let searched: string[];
  let terminologies: Terminologies;

  const put = (id: string, type: Body['type'], url: string, resource: object): void => {
    const version = (bodies.get(id)?.version ?? 0) + 1;
    bodies.set(id, { type, url, version, resource });
  };
  const storedOf = ([id, { type, version, resource }]: [string, Body], rid: number): StoredResource => ({
    ...{ repository: 'default', type, id, rid, version, lastUpdated: 0, deleted: false },
    content: {
      toString: () => {
        parsed.push(`${id}/${version}`);
        return JSON.stringify(resource);
      },
    } as unknown as Buffer,
  });
  const store = {
    search: ({ types: [type] }: SearchQuery) => {
      searched.push(type ?? '');
      const matches = [...bodies].map(storedOf).filter((one) => one.type === type);
      return Promise.resolve({ matches });
    },
  } as unknown as ResourceStore;
  const stamps: ChangeStamps = {
    of: (_repository, types) =>
      Promise.resolve(
        types
          .map((type) =>
            [...bodies].flatMap(([id, body]) => (body.type === type ? `${id}.${body.version}` : [])).join(),
          )
          .join('/'),
      ),
  };

  beforeEach(() => {
    bodies = new Map();
    parsed = [];
    searched = [];
    terminologies = new Terminologies(
      store,
      stamps,
      { of: () => ({ isResourceType: () => false }) } as unknown as RepositoryDefinitions,
      { bases: () => [] } as unknown as EndpointRegistry,
      { get: () => 1_000_000 } as unknown as Settings,
    );
    put('one', 'CodeSystem', colours, system('1', 'red'));
    put('two', 'CodeSystem', colours, system('2', 'red', 'blue'));
    put('warm', 'ValueSet', warm, valueSet('red'));
  });

  const expansion = async (): Promise<string[]> => {
    const terminology = await terminologies.of({ repository: 'default', access: undefined });
    const found = await terminology.expansion(warm);
    const codes = [...(found.get(colours) ?? [])].sort();
    return codes;
  };
  const systemSize = async (): Promise<number | undefined> => {
    const terminology = await terminologies.of({ repository: 'default', access: undefined });
    return (await terminology.codeSystem(colours, null))?.size;
  };

  it('is read once, as long as nothing is written', async () => {
    for (let time = 0; time < 3; time++) {
      expect(await expansion()).toEqual(['red']);
      expect(await systemSize()).toBe(2);
    }
    expect(parsed.toSorted()).toEqual(['one/1', 'two/1', 'two/1', 'warm/1', 'warm/1']);
  });

  it('of code systems stays when a value set is written, which is read by itself', async () => {
    put('warm', 'ValueSet', warm, valueSet());
    expect(await expansion()).toEqual(['blue', 'red']);
    parsed.length = 0;
    searched.length = 0;
    put('warm', 'ValueSet', warm, valueSet('blue'));
    expect(await expansion()).toEqual(['blue']);
    expect(await systemSize()).toBe(2);
    expect(new Set(parsed)).toEqual(new Set(['warm/3']));
    expect(searched).not.toContain('CodeSystem');
  });

  it('of other versions stays when one of a code system is written', async () => {
    put('warm', 'ValueSet', warm, valueSet());
    expect(await expansion()).toEqual(['blue', 'red']);
    parsed.length = 0;
    put('three', 'CodeSystem', colours, system('3', 'green'));
    expect(await systemSize()).toBe(1);
    expect(await expansion()).toEqual(['green']);
    expect(new Set(parsed)).toEqual(new Set(['three/1']));
    put('three', 'CodeSystem', colours, { ...system('3', 'green'), status: 'retired' });
    expect(await systemSize()).toBe(2);
    expect(await expansion()).toEqual(['blue', 'red']);
  });

  it('is not what a caller may see in part only; bodies that were read are not parsed again for it', async () => {
    await systemSize();
    parsed.length = 0;
    searched.length = 0;
    const access = { byType: new Map(), others: { kind: 'id', ids: ['one'] } } as SearchAccess;
    const narrowed = await terminologies.of({ repository: 'default', access });
    expect((await narrowed.codeSystem(colours, null))?.size).toBe(2);
    expect({ parsed, searched }).toEqual({ parsed: [], searched: ['CodeSystem'] });
  });
});
