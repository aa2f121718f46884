import { loadDefinitions } from '../../definitions/index.js';
import { readFhirPathPatch } from './fhirpath-patch.js';
import { patchedText } from './patch-apply.js';

type Part = Record<string, unknown>;

const definitions = loadDefinitions();

function operation(parts: Readonly<Record<string, unknown>>): Part {
  const part = Object.entries(parts).map(([name, value]): Part => {
    if (name === 'type') return { name, valueCode: value };
    if (name === 'path' || name === 'name') return { name, valueString: value };
    if (['index', 'source', 'destination'].includes(name)) return { name, valueInteger: value };
    return { name, ...(value as object) };
  });
  return { name: 'operation', part };
}

function patch(resource: string, ...operations: Readonly<Record<string, unknown>>[]): string {
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: operations.map(operation) });
  const document = readFhirPathPatch(Buffer.from(body), definitions, 500_000);
  return patchedText(Buffer.from(resource), document).toString();
}

const patient = (members: string): string => `{"resourceType":"Patient",${members}}`;

describe('a FHIRPath Patch', () => {
  it('adds an element that is not there, with its type spelled out where it is a choice', () => {
    const birthDate = { type: 'add', path: 'Patient', name: 'birthDate', value: { valueDate: '1930-01-01' } };
    expect(patch(patient('"active":true'), birthDate)).toBe(
      patient('"active":true,"birthDate":"1930-01-01"'),
    );
    const deceased = { type: 'add', path: 'Patient', name: 'deceased', value: { valueBoolean: true } };
    expect(patch(patient('"active":true'), deceased)).toBe(patient('"active":true,"deceasedBoolean":true'));
  });

  it('appends to a list', () => {
    const value = { valueHumanName: { family: 'B' } };
    expect(
      patch(patient('"name":[{"family":"A"}]'), { type: 'add', path: 'Patient', name: 'name', value }),
    ).toBe(patient('"name":[{"family":"A"},{"family":"B"}]'));
  });

  it('adds an element in parts, lists and primitives inside of it', () => {
    const value = {
      part: [
        { name: 'relationship', valueCodeableConcept: { text: 'a' } },
        { name: 'relationship', valueCodeableConcept: { text: 'b' } },
        { name: 'gender', valueCode: 'female' },
      ],
    };
    expect(patch(patient('"id":"1"'), { type: 'add', path: 'Patient', name: 'contact', value })).toBe(
      patient('"id":"1","contact":[{"relationship":[{"text":"a"},{"text":"b"}],"gender":"female"}]'),
    );
  });

  it('inserts into lists, also into one that is empty', () => {
    const value = { valueString: 'b' };
    const path = 'Patient.name[0].given';
    expect(patch(patient('"name":[{"given":["a","c"]}]'), { type: 'insert', path, index: 1, value })).toBe(
      patient('"name":[{"given":["a","b","c"]}]'),
    );
    expect(patch(patient('"name":[{}]'), { type: 'insert', path, index: 0, value })).toBe(
      patient('"name":[{"given":["b"]}]'),
    );
  });

  it('deletes one element, and nothing where there is none', () => {
    expect(patch(patient('"active":true,"gender":"male"'), { type: 'delete', path: 'Patient.gender' })).toBe(
      patient('"active":true'),
    );
    expect(patch(patient('"active":true'), { type: 'delete', path: 'Patient.gender' })).toBe(
      patient('"active":true'),
    );
    const named = patient('"name":[{"use":"usual"},{"use":"official"}]');
    expect(patch(named, { type: 'delete', path: "Patient.name.where(use = 'official')" })).toBe(
      patient('"name":[{"use":"usual"}]'),
    );
  });

  it('keeps values and extensions of primitives together', () => {
    const given = patient('"name":[{"given":["a","b"],"_given":[null,{"id":"x"}]}]');
    const path = 'Patient.name.given';
    expect(patch(given, { type: 'delete', path: `${path}[0]` })).toBe(
      patient('"name":[{"given":["b"],"_given":[{"id":"x"}]}]'),
    );
    expect(patch(given, { type: 'move', path, source: 1, destination: 0 })).toBe(
      patient('"name":[{"given":["b","a"],"_given":[{"id":"x"},null]}]'),
    );
    expect(patch(given, { type: 'delete', path: `${path}[1]` })).toBe(patient('"name":[{"given":["a"]}]'));
    const value = {
      part: [
        { name: 'url', valueUri: 'urn:e' },
        { name: 'value', valueCode: 'c' },
      ],
    };
    expect(
      patch(patient('"birthDate":"1970"'), {
        type: 'add',
        path: 'Patient.birthDate',
        name: 'extension',
        value,
      }),
    ).toBe(patient('"birthDate":"1970","_birthDate":{"extension":[{"url":"urn:e","valueCode":"c"}]}'));
    const extended = patient(
      '"birthDate":"1970","_birthDate":{"extension":[{"url":"urn:e","valueCode":"c"}]}',
    );
    expect(
      patch(extended, {
        type: 'replace',
        path: "Patient.birthDate.extension('urn:e').value",
        value: { valueString: 's' },
      }),
    ).toBe(patient('"birthDate":"1970","_birthDate":{"extension":[{"url":"urn:e","valueString":"s"}]}'));
  });

  it('replaces an element, of a choice also by another type', () => {
    const observation = '{"resourceType":"Observation","valueQuantity":{"value":1.50},"status":"final"}';
    expect(
      patch(observation, { type: 'replace', path: 'Observation.status', value: { valueCode: 'amended' } }),
    ).toBe(observation.replace('final', 'amended'));
    expect(
      patch(observation, { type: 'replace', path: 'Observation.value', value: { valueString: 'x' } }),
    ).toBe('{"resourceType":"Observation","status":"final","valueString":"x"}');
    const path = 'Observation.value.ofType(Quantity).unit';
    expect(
      patch(
        observation,
        { type: 'add', path: 'Observation.value', name: 'unit', value: { valueString: 'mg' } },
        {
          type: 'replace',
          path,
          value: { valueString: 'g' },
        },
      ),
    ).toBe(observation.replace('1.50', '1.50,"unit":"g"'));
  });

  it('moves inside of a list', () => {
    const list = patient('"name":[{"text":"a"},{"text":"b"},{"text":"c"}]');
    expect(patch(list, { type: 'move', path: 'Patient.name', source: 0, destination: 2 })).toBe(
      patient('"name":[{"text":"b"},{"text":"c"},{"text":"a"}]'),
    );
  });

  it('finds elements in contained resources by their own type', () => {
    const resource = patient('"contained":[{"resourceType":"Organization","id":"o","name":"x"}]');
    const path = "Patient.contained.where(id = 'o').name";
    expect(patch(resource, { type: 'replace', path, value: { valueString: 'y' } })).toBe(
      resource.replace('"x"', '"y"'),
    );
  });

  it.each([
    ["Patient.name.where(use = 'official' and given.exists()).family", 'B'],
    ["Patient.name.where(use != 'official').family", 'A'],
    ["Patient.name.where(use = 'x' or (family = 'B' and period.empty())).family", 'B'],
    ["Patient.name.where((use = 'official').not()).family", 'A'],
    ["Patient.name.where(given.exists($this = 'g')).family", 'B'],
    ['Patient.name.last().family', 'B'],
    ['name.first().family', 'A'],
    ['%resource.name[1].family', 'B'],
  ])('finds by %s', (path, family) => {
    const resource = patient(
      '"name":[{"use":"usual","family":"A"},{"use":"official","family":"B","given":["g"]}]',
    );
    expect(patch(resource, { type: 'replace', path, value: { valueString: 'Z' } })).toBe(
      resource.replace(`"${family}"`, '"Z"'),
    );
  });

  it.each([
    [{ type: 'replace', path: 'Patient.gender', value: { valueCode: 'male' } }],
    [{ type: 'replace', path: 'Patient.name', value: { valueHumanName: {} } }],
    [{ type: 'delete', path: 'Patient.name' }],
    [{ type: 'delete', path: 'Patient' }],
    [{ type: 'add', path: 'Patient', name: 'active', value: { valueBoolean: false } }],
    [{ type: 'add', path: 'Patient', name: 'nonsense', value: { valueBoolean: false } }],
    [{ type: 'add', path: 'Patient', name: 'birthDate', value: { valueHumanName: {} } }],
    [{ type: 'add', path: 'Patient', name: 'birthDate', value: { valueInteger: 1 } }],
    [{ type: 'add', path: 'Patient', name: 'deceased', value: { valueString: 'x' } }],
    [{ type: 'add', path: 'Patient.active', name: 'value', value: { valueBoolean: true } }],
    [{ type: 'insert', path: 'Patient.name', index: 3, value: { valueHumanName: {} } }],
    [{ type: 'insert', path: 'Patient.active', index: 0, value: { valueBoolean: true } }],
    [{ type: 'move', path: 'Patient.name', source: 0, destination: 2 }],
    [{ type: 'delete', path: 'Observation.status' }],
    [{ type: 'delete', path: 'Patient.name.nonsense' }],
    [{ type: 'delete', path: 'Patient.name.single()' }],
  ])('can not apply %j', (change) => {
    expect(() => patch(patient('"active":true,"name":[{},{}]'), change)).toThrow(
      expect.objectContaining({ code: 'FHIR_PATCH_FAILED', status: 422 }),
    );
  });

  it.each([
    [{ type: 'append', path: 'Patient', value: { valueCode: 'x' } }],
    [{ type: 'add', path: 'Patient', value: { valueCode: 'x' } }],
    [{ type: 'add', path: 'Patient', name: 'active' }],
    [{ type: 'add', path: 'Patient', name: 'active', value: {} }],
    [{ type: 'insert', path: 'Patient.name', value: { valueHumanName: {} } }],
    [{ type: 'insert', path: 'Patient.name', index: -1, value: { valueHumanName: {} } }],
    [{ type: 'delete', path: 'Patient.name.resolve()' }],
    [{ type: 'delete', path: 'Patient.descendants()' }],
    [{ type: 'delete', path: 'Patient.name.where(' }],
    [{ type: 'delete', path: `Patient.name.where(${'('.repeat(100)}true` }],
    [{ type: 'delete', path: 'x'.repeat(2_001) }],
    [{ type: 'delete', path: '' }],
    [{ type: 'delete' }],
  ])('is refused as %j', (change) => {
    expect(() => patch(patient('"active":true'), change)).toThrow(
      expect.objectContaining({ code: 'FHIR_INVALID_PATCH', status: 400 }),
    );
  });

  it('does not work without end on a large resource', () => {
    const given = JSON.stringify(Array.from({ length: 50_000 }, () => 'a'));
    const path = "Patient.name.given.where($this = 'b')";
    const changes = Array.from({ length: 1_000 }, () => ({ type: 'delete', path }));
    expect(() => patch(patient(`"name":[{"given":${given}}]`), ...changes)).toThrow(
      expect.objectContaining({ code: 'FHIR_PATCH_TOO_LARGE' }),
    );
  });
});
