import { readJsonPatch } from './json-patch.js';
import { patchedText } from './patch-apply.js';

const values = 100_000;

function patch(resource: string, operations: unknown): string {
  const body = typeof operations === 'string' ? operations : JSON.stringify(operations);
  return patchedText(Buffer.from(resource), readJsonPatch(Buffer.from(body), values)).toString();
}

describe('a JSON Patch', () => {
  it.each([
    ['{"a":1}', [{ op: 'add', path: '/b', value: 2 }], '{"a":1,"b":2}'],
    ['{"a":[1,3]}', [{ op: 'add', path: '/a/1', value: 2 }], '{"a":[1,2,3]}'],
    ['{"a":[1]}', [{ op: 'add', path: '/a/-', value: [2] }], '{"a":[1,[2]]}'],
    ['{"a":[1]}', [{ op: 'add', path: '/a/1', value: 2 }], '{"a":[1,2]}'],
    ['{"a":1}', [{ op: 'add', path: '/a', value: null }], '{"a":null}'],
    ['{"a":1,"b":2}', [{ op: 'remove', path: '/a' }], '{"b":2}'],
    ['{"a":[1,2,3]}', [{ op: 'remove', path: '/a/1' }], '{"a":[1,3]}'],
    ['{"a":1,"b":2}', [{ op: 'replace', path: '/a', value: 3 }], '{"a":3,"b":2}'],
    ['{"a":[1,2]}', [{ op: 'replace', path: '/a/0', value: 3 }], '{"a":[3,2]}'],
    ['{"a":1}', [{ op: 'replace', path: '', value: { b: 2 } }], '{"b":2}'],
    ['{"a":{"b":1},"c":2}', [{ op: 'move', from: '/a/b', path: '/d' }], '{"a":{},"c":2,"d":1}'],
    ['{"a":[1,2,3]}', [{ op: 'move', from: '/a/0', path: '/a/2' }], '{"a":[2,3,1]}'],
    ['{"a":1}', [{ op: 'move', from: '/a', path: '/a' }], '{"a":1}'],
    ['{"a":{"b":[1]}}', [{ op: 'copy', from: '/a', path: '/c' }], '{"a":{"b":[1]},"c":{"b":[1]}}'],
    [
      '{"a/b":1,"m~n":2}',
      [
        { op: 'remove', path: '/a~1b' },
        { op: 'remove', path: '/m~0n' },
      ],
      '{}',
    ],
    ['{"~1":1}', [{ op: 'test', path: '/~01', value: 1 }], '{"~1":1}'],
    ['{"a":1}', [], '{"a":1}'],
  ])('%s, %j: %s', (resource, operations, expected) => {
    expect(patch(resource, operations)).toBe(expected);
  });

  it('keeps the spelling of everything that it does not touch, and of what it brings', () => {
    const resource = '{"v":1.500,"w":1e2,"s":"\\u00e9\\/","n":[12345678901234567890.10]}';
    expect(patch(resource, '[{"op":"add","path":"/n/-","value":2.00}]')).toBe(
      resource.replace(']', ',2.00]'),
    );
  });

  it.each(['path', 'from'])('has pointers of at most 2,000 characters: %s', (member) => {
    const operation = (pointer: string) => [{ op: 'copy', path: '/a', from: '/a', ...{ [member]: pointer } }];
    expect(() =>
      readJsonPatch(Buffer.from(JSON.stringify(operation('/b'.repeat(1_000)))), values),
    ).not.toThrow();
    expect(() =>
      readJsonPatch(Buffer.from(JSON.stringify(operation(`${'/b'.repeat(1_000)}c`))), values),
    ).toThrow(`[0].${member} has more than 2000 characters`);
  });

  it('a copy is not changed with what it was copied from', () => {
    const operations = [
      { op: 'add', path: '/a', value: { b: 1 } },
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/a/b', value: 2 },
    ];
    expect(patch('{}', operations)).toBe('{"a":{"b":2},"c":{"b":1}}');
    const document = readJsonPatch(Buffer.from(JSON.stringify(operations)), values);
    for (let time = 0; time < 2; time++) {
      expect(patchedText(Buffer.from('{}'), document).toString()).toBe('{"a":{"b":2},"c":{"b":1}}');
    }
  });

  it.each([
    ['{"a":1.0}', 1],
    ['{"a":100}', 1e2],
    ['{"a":{"x":1,"y":[2,"z"]}}', { y: [2, 'z'], x: 1 }],
    ['{"a":"\\u0041"}', 'A'],
    ['{"a":-0}', 0],
    ['{"a":null}', null],
  ])('test compares %s by value with %j', (resource, value) => {
    expect(patch(resource, [{ op: 'test', path: '/a', value }])).toBe(resource);
  });

  it.each([
    ['{"a":1}', '[{"op":"test","path":"/a","value":2}]'],
    ['{"a":1}', '[{"op":"test","path":"/a","value":"1"}]'],
    ['{"a":[1,2]}', '[{"op":"test","path":"/a","value":[2,1]}]'],
    ['{"a":9007199254740993}', '[{"op":"test","path":"/a","value":9007199254740992}]'],
  ])('test fails for %s, %s', (resource, operations) => {
    expect(() => patch(resource, operations)).toThrow(
      expect.objectContaining({ code: 'FHIR_PATCH_TEST_FAILED', status: 422 }),
    );
  });

  it.each([
    [{ op: 'remove', path: '/b' }],
    [{ op: 'replace', path: '/b', value: 1 }],
    [{ op: 'add', path: '/b/c', value: 1 }],
    [{ op: 'add', path: '/l/2', value: 1 }],
    [{ op: 'add', path: '/l/01', value: 1 }],
    [{ op: 'remove', path: '/l/-' }],
    [{ op: 'test', path: '/b', value: 1 }],
    [{ op: 'move', from: '/o', path: '/o/p' }],
    [{ op: 'add', path: '', value: 1 }],
    [{ op: 'remove', path: '' }],
    [{ op: 'copy', from: '/__proto__/x', path: '/a' }],
  ])('can not apply %j', (operation) => {
    expect(() => patch('{"a":1,"l":[1],"o":{}}', [operation])).toThrow(
      expect.objectContaining({ code: 'FHIR_PATCH_FAILED', status: 422 }),
    );
  });

  it.each([
    ['{}'],
    ['[1]'],
    ['[{"op":"append","path":"/a","value":1}]'],
    ['[{"op":"add","path":"/a"}]'],
    ['[{"op":"add","path":"a","value":1}]'],
    ['[{"op":"add","path":"/a~2","value":1}]'],
    ['[{"op":"add","value":1}]'],
    ['[{"op":"move","path":"/a"}]'],
  ])('is refused as %s', (body) => {
    expect(() => patch('{}', body)).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID_PATCH', status: 400 }),
    );
  });

  it('can neither blow a resource up nor nest it without end', () => {
    const doubling = Array.from({ length: 100 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    expect(() => patch(`{"a":["${'x'.repeat(100)}"]}`, doubling)).toThrow(
      expect.objectContaining({ code: 'FHIR_PATCH_TOO_LARGE', status: 413 }),
    );
    const deep = `/${'a/'.repeat(60)}b`;
    const nested = `${'{"a":'.repeat(60)}{}${'}'.repeat(60)}`;
    const nesting = Array.from({ length: 900 }, () => ({ op: 'copy', from: '/a', path: deep }));
    expect(() => patch(nested, nesting)).toThrow(expect.objectContaining({ status: 413 }));
    const many = Array.from({ length: 1_001 }, () => ({ op: 'test', path: '', value: {} }));
    expect(() => patch('{}', many)).toThrow(expect.objectContaining({ status: 413 }));
  });

  it('is stopped while it grows, by the values that it copies and not by their characters alone', () => {
    const doubling = Array.from({ length: 30 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }));
    const few = doubling.slice(0, 13);
    expect(patch('{"a":[0]}', few).length).toBeGreaterThan(8_000);
    expect(() => patch('{"a":[0]}', doubling)).toThrow(
      expect.objectContaining({
        code: 'FHIR_PATCH_TOO_LARGE',
        message: expect.stringContaining('FIREKEEP_PATCH_VALUES'),
      }),
    );
  });

  it('tells the references that it brings', () => {
    const value = { subject: { reference: 'Patient?identifier=1' }, list: [{ x: { reference: 'b' } }] };
    const document = readJsonPatch(Buffer.from(JSON.stringify([{ op: 'add', path: '/x', value }])), values);
    expect(document.references).toEqual(['Patient?identifier=1', 'b']);
  });
});
