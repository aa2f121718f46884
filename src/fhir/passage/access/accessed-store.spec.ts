import type { Criterion } from '../../../contract/index.js';
import { loadDefinitions } from '../../definitions/index.js';
import { membershipOf } from '../../search/compartment-membership.js';
import type { SearchQuery } from '../../search/query.js';
import type { ResourceStore, SearchPage } from '../../storage/ports.js';
import { AccessedStore } from './accessed-store.js';
import { GrantedAccess } from './granted-access.js';

const definitions = loadDefinitions();
const empty: SearchPage = { matches: [], included: [], cut: [], next: null, previous: null, total: 0 };

/** What the store is asked where someone who has the compartment of Patient/1, or everything, asks for the latest of a patient. */
async function askedFor(patient: string, isOpen: boolean): Promise<readonly SearchQuery[]> {
  const asked: SearchQuery[] = [];
  const store = {
    search: (query: SearchQuery) => {
      asked.push(query);
      return Promise.resolve(empty);
    },
  } as unknown as ResourceStore;
  const allOf: readonly Criterion[] = isOpen ? [] : [{ compartment: { type: 'Patient', id: '1' } }];
  const granted = new GrantedAccess({
    types: ['Observation', 'Patient'],
    decide: (interaction, resourceType) => ({
      kind: 'permit',
      constraints: [{ resourceType, interactions: new Set([interaction]), allOf, noneOf: [] }],
    }),
    compile: (_criterion, type) => membershipOf(definitions, { type: 'Patient', id: '1' }, [type]),
    limit: () => ({ patient: { kind: 'id', ids: ['1'] }, namesOthers: false }),
  });
  const unused = (): never => {
    throw new Error('Nothing else is asked.');
  };
  const accessed = new AccessedStore(store, granted, { read: unused }, unused, unused);
  await accessed.search({
    ...{ repository: 'default', types: ['Observation'], sort: [], count: 10, total: 'none' },
    filter: [
      {
        ...{ kind: 'parameter', code: 'patient', type: 'reference' },
        anyOf: [{ type: 'reference', targetType: 'Patient', targetId: patient, url: undefined }],
      },
    ],
    latest: { by: 'code', date: 'date', most: 1, gathers: 'first' },
  });
  return asked;
}

describe('the store as it was granted', () => {
  it('gathers nothing that is hidden for the latest of a subject', async () => {
    const [query] = await askedFor('2', false);
    expect(query?.latest).toEqual({ by: 'code', date: 'date', most: 1, gathers: 'others' });
    expect(query?.access).toBeDefined();
  });

  it('gathers what is of a subject where all of that may be found', async () => {
    for (const [patient, isOpen] of [
      ['1', false],
      ['2', true],
    ] as const) {
      const [query] = await askedFor(patient, isOpen);
      expect(query?.latest).toEqual({ by: 'code', date: 'date', most: 1, gathers: 'first' });
    }
  });
});
