import type { InteractionContext } from '../../exchange/interaction-context.js';
import type { InteractionResult } from '../../exchange/interaction-result.js';
import type { StoredBodyReader } from '../../storage/check/stored-body.js';
import type { StoredResource, WriteContext } from '../../storage/ports.js';
import type { AskedUnit } from '../asked-unit.js';
import type { Passing } from '../passage-stage.js';
import type { FhirJournals, JournalledRead } from './fhir-journal.js';
import { JournalStage } from './journal.stage.js';
import type { JournalledWrites } from './journalled-writes.js';

const versionOf = (id: string, version: number) => ({ type: 'Patient', id, version, lastUpdated: 0 });

/** A stage whose journal keeps reads, and what it was told. */
function recording() {
  const told: JournalledRead[] = [];
  const journal = {
    keepsReads: true,
    keepsWrites: true,
    read: (read: JournalledRead) => {
      told.push(read);
      return Promise.resolve();
    },
  };
  const bodies = {
    read: (content: Buffer) => {
      const { resourceType, id } = JSON.parse(content.toString()) as { resourceType: string; id: string };
      return { type: resourceType, id, values: () => [] };
    },
  };
  const stage = new JournalStage(
    { current: journal } as unknown as FhirJournals,
    { of: () => [] } as unknown as JournalledWrites,
    bodies as unknown as StoredBodyReader,
  );
  return { stage, told };
}

/** A commit of a unit in which version 3 of each patient stands until it is written. */
async function committed(stage: JournalStage, unit: Pick<AskedUnit<InteractionResult>, 'apply'>) {
  const stored = new Map<string, StoredResource>();
  const transaction = {
    now: 0,
    matches: () => false,
    mayRead: () => true,
    current: (type: string, id: string) => {
      const row = {
        type,
        id,
        version: 3,
        deleted: id === 'gone',
        content: Buffer.from(JSON.stringify({ resourceType: type, id })),
      };
      return stored.get(id) ?? (row as unknown as StoredResource);
    },
  } as unknown as WriteContext;
  const passing = { context: { endpoint: { repository: 'r4', base: '' } } as InteractionContext } as Passing;
  return stage.commit(passing, { repository: 'r4', ...unit }, (passed) => {
    const { writes, result } = passed.apply(transaction);
    passed.records?.(writes, transaction);
    return Promise.resolve(result);
  });
}

describe('the record of what an operation that writes looked at', () => {
  const shows = [versionOf('1', 3), versionOf('2', 3)];

  it('says whose it was, though it is not answered as it is', async () => {
    const { stage, told } = recording();
    await committed(stage, {
      apply: ({ current }) => {
        current('Patient', '1');
        current('Patient', '2');
        return { writes: [], result: { status: 200, body: Buffer.from('{}'), shows } };
      },
    });
    expect(told.map(({ patients }) => patients)).toEqual([['1'], ['2']]);
  });

  it('says so of the version that it looked at, whatever it wrote then', async () => {
    const { stage, told } = recording();
    await committed(stage, {
      apply: ({ current }) => {
        current('Patient', '1');
        const write = { kind: 'update', type: 'Patient', id: '1', version: 4 };
        return {
          writes: [write as never],
          result: { status: 200, body: Buffer.from('{}'), shows: [versionOf('1', 3), versionOf('1', 4)] },
        };
      },
    });
    expect(told).toEqual([{ interaction: 'read', type: 'Patient', id: '1', version: 3, patients: ['1'] }]);
  });

  it('names nobody for what was not there to be seen', async () => {
    const { stage, told } = recording();
    await committed(stage, {
      apply: ({ current }) => {
        current('Patient', 'gone');
        return {
          writes: [],
          result: { status: 200, body: Buffer.from('{}'), shows: [versionOf('gone', 3)] },
        };
      },
    });
    expect(told.map(({ patients }) => patients)).toEqual([[]]);
  });
});
