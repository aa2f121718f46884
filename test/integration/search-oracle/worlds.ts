import { loadDefinitions } from '../../../src/fhir/definitions/index.js';
import { membershipOf } from '../../../src/fhir/search/compartment-membership.js';
import { extract } from '../../../src/fhir/search/extraction/index.js';
import { parseSearch } from '../../../src/fhir/search/parse-search.js';
import type { SearchAccess, SearchExpression, SearchQuery } from '../../../src/fhir/search/query.js';
import type { SqlResourceStore } from '../../../src/fhir/storage/sql/sql-resource-store.js';
import type { Step } from '../../kit/search-oracle/generate/steps.js';
import { ownBase } from '../../kit/search-oracle/generate/vocabulary.js';
import type { Pair, WrittenAccess, WrittenSearch } from '../../kit/search-oracle/search.js';
import type { World, WorldResource } from '../../kit/search-oracle/world.js';

/** Writes a world into a repository of its own, at this address; answers what is there afterwards. */
export async function fillRepository(
  store: SqlResourceStore,
  repository: string,
  base: string,
  written: readonly Step[],
): Promise<World> {
  const steps = at(base, written);
  const bases = [base];
  const resources = new Map<string, WorldResource>();
  const bySubject = new Map<string, Step[]>();
  for (const step of steps) {
    const name = `${step.type}/${step.id}`;
    bySubject.set(name, [...(bySubject.get(name) ?? []), step]);
  }
  // The writes of one resource come in order; those of several go together as they may.
  await Promise.all(
    [...bySubject.values()].map(async (own) => {
      for (const step of own) await apply(store, repository, bases, step);
    }),
  );
  const last = new Map(steps.map((step) => [`${step.type}/${step.id}`, step]));
  for (const [name, { type, id, body }] of last) {
    const stored = await store.read(repository, type, id);
    if (body === undefined || stored === undefined) continue;
    resources.set(name, { type, id, body, lastUpdated: stored.lastUpdated, order: stored.rid });
  }
  return { bases, resources: [...resources.values()] };
}

/** With the address of its own in place of the one that everything is generated with. */
export function at<T>(base: string, generated: T): T {
  return JSON.parse(JSON.stringify(generated).replaceAll(ownBase, base)) as T;
}

function apply(
  store: SqlResourceStore,
  repository: string,
  bases: readonly string[],
  { type, id, body }: Step,
) {
  return store.commit({
    repository,
    targets: () => [{ type, id }],
    apply({ current, now }) {
      const before = current(type, id);
      const version = (before?.version ?? 0) + 1;
      const isThere = before !== undefined && !before.deleted;
      if (body === undefined) {
        const deletion = { kind: 'delete', type, id, version, lastUpdated: now } as const;
        return { writes: isThere ? [deletion] : [], result: undefined };
      }
      const content = Buffer.from(JSON.stringify(body));
      const values = extract(type, body, { bases });
      const written = { type, id, version, lastUpdated: now, content, values, method: 'PUT' } as const;
      return { writes: [{ kind: isThere ? 'update' : 'create', ...written }], result: undefined };
    },
  });
}

/** A written search as the server reads it. */
export function queryOf(repository: string, base: string, search: WrittenSearch): SearchQuery {
  const { types, parameters, sort, includes, count, access, compartment } = search;
  const reading = { repository, bases: [base] };
  const all = [...parameters, ...includes, ...(sort === '' ? [] : [['_sort', sort] as const])];
  const read = readSearch(reading, types, all);
  const member = compartment === null ? everything : membershipOf(loadDefinitions(), compartment, types);
  const query = { ...read, filter: [...read.filter, member ?? nothing], count };
  return access === null ? query : { ...query, access: accessOf(reading, access) };
}

interface Reading {
  readonly repository: string;
  readonly bases: readonly string[];
}

function readSearch(reading: Reading, types: readonly string[], parameters: readonly Pair[]): SearchQuery {
  const definitions = loadDefinitions();
  return parseSearch({ ...reading, types, parameters, handling: 'strict', definitions, zone: 'UTC' }).query;
}

function accessOf(reading: Reading, { byType, others }: WrittenAccess): SearchAccess {
  const expressions = Object.entries(byType).map(([type, pairs]): [string, SearchExpression] => [
    type,
    pairs === 'none' ? nothing : { kind: 'and', operands: readSearch(reading, [type], pairs).filter },
  ]);
  return { byType: new Map(expressions), others: others === 'all' ? everything : nothing };
}

const everything: SearchExpression = { kind: 'and', operands: [] };
const nothing: SearchExpression = { kind: 'or', operands: [] };
