import type { InteractionResult } from '../../exchange/interaction-result.js';
import { ShownResults, versionKey } from './shown-results.js';

const version = { type: 'Patient', id: '1', version: 2, lastUpdated: 0 };
const body = Buffer.from('{}');
const ofWrite: InteractionResult = { status: 200, body, version };
const ofOperation: InteractionResult = { status: 200, body, shows: [version] };

describe('what the results of a commit show', () => {
  const recorded = async (
    result: InteractionResult,
    showsWritten: boolean,
    written: readonly string[] = [],
  ) => {
    const seen: string[] = [];
    await new ShownResults(new Set(written), showsWritten, (shown) => {
      seen.push(versionKey(shown));
      return Promise.resolve();
    }).of(result);
    return seen;
  };

  it('is recorded where the commit did not write it', async () => {
    expect(await recorded(ofWrite, true)).toEqual(['Patient/1/2']);
    expect(await recorded(ofWrite, true, ['Patient/1/2'])).toEqual([]);
  });

  it('is nothing of a write whose resource is not answered, but what an operation says, whatever is preferred', async () => {
    expect(await recorded(ofWrite, false)).toEqual([]);
    expect(await recorded(ofOperation, false)).toEqual(['Patient/1/2']);
  });

  it('is withheld where it can have no record and something was written, else refused', async () => {
    const fail = () => Promise.reject(new Error('no record'));
    const other = new Set(['Patient/2/1']);
    expect(await new ShownResults(other, true, fail).of(ofWrite)).toEqual({ status: 200, version });
    await expect(new ShownResults(new Set(), true, fail).of(ofWrite)).rejects.toThrow('no record');
  });
});
