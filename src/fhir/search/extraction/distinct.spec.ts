import type { ReferenceValue } from '../index-values.js';
import { distinct } from './distinct.js';

const plain: ReferenceValue = {
  ...{ type: 'reference', targetType: 'Patient', targetId: '1', targetVersion: null },
  ...{ url: null, canonicalVersion: null, identifier: null },
};

describe('values of which each is there once', () => {
  it.each([2, 40])('are told apart by every part, %i times over', (times) => {
    const different: ReferenceValue[] = [
      plain,
      { ...plain, targetType: 'Group' },
      { ...plain, targetId: '2' },
      { ...plain, targetVersion: '2' },
      { ...plain, targetType: null, targetId: null, url: 'urn:a' },
      { ...plain, targetType: null, targetId: null, url: 'urn:a', canonicalVersion: '2' },
      { ...plain, targetType: null, targetId: null, url: 'urn:a', targetVersion: '2' },
      { ...plain, identifier: { system: null, value: '1' } },
      { ...plain, identifier: { system: '', value: '1' } },
    ];
    const repeated = Array.from({ length: times }, () => different.map((value) => ({ ...value }))).flat();
    expect(distinct(repeated)).toEqual(different);
  });
});
