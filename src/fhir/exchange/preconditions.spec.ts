import type { StoredResource } from '../storage/ports.js';
import { checkPrecondition, isUnmodified, readCondition, writePrecondition } from './preconditions.js';

const stored = (version: number, deleted = false): StoredResource => ({
  ...{ type: 'Patient', id: 'p', rid: 1, version, deleted },
  lastUpdated: Date.UTC(2026, 0, 1, 12, 0, 0, 500),
  content: Buffer.from(deleted ? '' : '{}'),
});
const sent = (conditions: { ifMatch?: string; ifNoneMatch?: string; ifModifiedSince?: string }) => ({
  ...{ ifMatch: undefined, ifNoneMatch: undefined, ifModifiedSince: undefined },
  ...conditions,
});

describe('a condition of a write', () => {
  const outcome = (
    current: StoredResource | undefined,
    conditions: { ifMatch?: string; ifNoneMatch?: string },
  ): string => {
    try {
      checkPrecondition('Patient', 'p', current, writePrecondition(sent(conditions)));
      return 'holds';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each<[string, StoredResource | undefined, { ifMatch?: string; ifNoneMatch?: string }, boolean]>([
    ['of none, of what is there', stored(3), {}, true],
    ['of none, of what was deleted', stored(3, true), {}, true],
    ['of none, of what never was', undefined, {}, true],
    ['the current version', stored(3), { ifMatch: 'W/"3"' }, true],
    ['one of several', stored(3), { ifMatch: 'W/"2", W/"3"' }, true],
    ['an earlier version', stored(3), { ifMatch: 'W/"2"' }, false],
    ['any version, of what is there', stored(3), { ifMatch: '*' }, true],
    ['any version, of what was deleted', stored(3, true), { ifMatch: '*' }, false],
    ['the version of the deletion', stored(3, true), { ifMatch: 'W/"3"' }, false],
    ['the version before the deletion', stored(3, true), { ifMatch: 'W/"2"' }, false],
    ['any version, of what never was', undefined, { ifMatch: '*' }, false],
    ['a version of what never was', undefined, { ifMatch: 'W/"1"' }, false],
    ['no version, of what is there', stored(3), { ifNoneMatch: '*' }, false],
    ['no version, of what was deleted', stored(3, true), { ifNoneMatch: '*' }, true],
    ['no version, of what never was', undefined, { ifNoneMatch: '*' }, true],
    ['not the current version', stored(3), { ifNoneMatch: 'W/"3"' }, false],
    ['not an earlier version', stored(3), { ifNoneMatch: 'W/"2"' }, true],
    ['not the version of the deletion', stored(3, true), { ifNoneMatch: 'W/"3"' }, true],
  ])('that asks for %s is decided', (_, current, conditions, holds) => {
    expect(outcome(current, conditions)).toBe(holds ? 'holds' : 'FHIR_VERSION_CONFLICT');
  });

  it('doesn’t say which version there is, and that what was deleted has none', () => {
    const message = (current: StoredResource): string => {
      try {
        checkPrecondition('Patient', 'p', current, writePrecondition(sent({ ifMatch: 'W/"2"' })));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(stored(3))).toContain('read it again');
    expect(message(stored(3))).not.toContain('3');
    expect(message(stored(3, true))).toContain('there is none now');
    expect(message(stored(3, true))).not.toContain('3');
  });

  it('that is not written as one is refused, and an empty one too', () => {
    for (const text of ['', 'three', '"3', 'W/"3" W/"4"']) {
      expect(() => writePrecondition(sent({ ifMatch: text }))).toThrow(
        expect.objectContaining({ status: 400 }),
      );
      expect(() => writePrecondition(sent({ ifNoneMatch: text }))).toThrow(
        expect.objectContaining({ status: 400 }),
      );
    }
  });
});

describe('a condition of a read', () => {
  const unmodified = (conditions: { ifNoneMatch?: string; ifModifiedSince?: string }): boolean =>
    isUnmodified(stored(3), readCondition(sent(conditions)));
  const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toUTCString();

  it('by version tells the current one from all others', () => {
    expect(unmodified({})).toBe(false);
    expect(unmodified({ ifNoneMatch: 'W/"3"' })).toBe(true);
    expect(unmodified({ ifNoneMatch: 'W/"2"' })).toBe(false);
  });

  it('by time counts whole seconds', () => {
    expect(unmodified({ ifModifiedSince: at(0) })).toBe(true);
    expect(unmodified({ ifModifiedSince: at(1) })).toBe(true);
    expect(unmodified({ ifModifiedSince: at(-1) })).toBe(false);
  });

  it('by time is left out where it is no date', () => {
    expect(unmodified({ ifModifiedSince: 'yesterday' })).toBe(false);
    expect(readCondition(sent({ ifModifiedSince: 'yesterday' }))).toEqual({});
  });

  it('by version counts alone where there are both', () => {
    expect(unmodified({ ifNoneMatch: 'W/"2"', ifModifiedSince: at(0) })).toBe(false);
    expect(unmodified({ ifNoneMatch: 'W/"3"', ifModifiedSince: at(-1) })).toBe(true);
  });
});
