import fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validResources } from '../../../../test/kit/valid-resources.js';
import { loadDefinitions } from '../../definitions/index.js';
import { parseSubset, type SubsetRequest } from './subset-request.js';
import { subset, subsetEntries } from './subset.js';
import { volume } from '../../../../test/kit/volume.js';

const request = (query: string): SubsetRequest => {
  const parsed = parseSubset(new URLSearchParams(query));
  if (parsed === undefined) throw new Error('no subset');
  return parsed;
};
const cut = (query: string, json: string, type = 'Patient'): string =>
  subset(Buffer.from(json), type, request(query)).toString();

const SUBSETTED = '{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}';
const META = `"meta":{"versionId":"1","tag":[${SUBSETTED}]}`;

const observation =
  '{"resourceType":"Observation","id":"o","meta":{"versionId":"1"},"implicitRules":"urn:r","text":{"status":"generated","div":"<div/>"},' +
  '"contained":[{"resourceType":"Patient"}],"extension":[{"url":"u","valueDecimal":1.0}],"modifierExtension":[{"url":"m","valueDecimal":1.00}],' +
  '"status":"final","category":[{"text":"c"}],"code":{"id":"i","coding":[{"extension":[{"url":"x","valueCode":"y"}],"code":"a\\u00e9","userSelected":true}]},' +
  '"valueQuantity":{"value":1.00,"unit":"g"},"_issued":{"id":"x"},"note":[{"text":"n"}],"component":[{"code":{"text":"k"},"valueQuantity":{"value":1e2},' +
  '"interpretation":[{"text":"i"}]}]}';

describe('_summary', () => {
  it('true keeps what is marked at every level, mandatory elements, and what changes the meaning', () => {
    expect(cut('_summary=true', observation, 'Observation')).toBe(
      `{"resourceType":"Observation","id":"o",${META},"implicitRules":"urn:r","modifierExtension":[{"url":"m","valueDecimal":1.00}],` +
        '"status":"final","code":{"coding":[{"code":"a\\u00e9","userSelected":true}]},"valueQuantity":{"value":1.00,"unit":"g"},' +
        '"_issued":{"id":"x"},"component":[{"code":{"text":"k"},"valueQuantity":{"value":1e2}}]}',
    );
  });

  it('text keeps narrative, identity and mandatory elements', () => {
    expect(cut('_summary=text', observation, 'Observation')).toBe(
      `{"resourceType":"Observation","id":"o",${META},"implicitRules":"urn:r","text":{"status":"generated","div":"<div/>"},` +
        '"modifierExtension":[{"url":"m","valueDecimal":1.00}],"status":"final",' +
        '"code":{"id":"i","coding":[{"extension":[{"url":"x","valueCode":"y"}],"code":"a\\u00e9","userSelected":true}]}}',
    );
  });

  it('data leaves out the narrative only', () => {
    expect(cut('_summary=data', observation, 'Observation')).toBe(
      observation
        .replace('"meta":{"versionId":"1"}', META)
        .replace('"text":{"status":"generated","div":"<div/>"},', ''),
    );
  });

  it('true keeps ids and extensions of primitives beside them, so that arrays stay aligned', () => {
    const json =
      '{"resourceType":"Patient","meta":{"versionId":"1"},"name":[{"given":["a",null],"_given":[null,{"id":"g"}]}],"_birthDate":{"id":"b"},"_text":1}';
    expect(cut('_summary=true', json)).toBe(
      `{"resourceType":"Patient",${META},"name":[{"given":["a",null],"_given":[null,{"id":"g"}]}],"_birthDate":{"id":"b"}}`,
    );
  });

  it('true leaves no empty objects and arrays behind, and keeps a mandatory element that would be one', () => {
    const json =
      '{"resourceType":"Patient","meta":{"versionId":"1"},"photo":[{"data":"AA=="}],"name":[{"extension":[{"url":"u"}]},{"family":"F"},{"id":"x"}]}';
    expect(cut('_summary=true', json)).toBe(`{"resourceType":"Patient",${META},"name":[{"family":"F"}]}`);
    const document =
      '{"resourceType":"DocumentReference","meta":{"versionId":"1"},"status":"current","content":[{"attachment":{"data":"AA=="}}]}';
    expect(cut('_summary=true', document, 'DocumentReference')).toBe(
      document.replace('"meta":{"versionId":"1"}', META),
    );
  });

  it('true cuts the resources of a Bundle down to their own summary', () => {
    const json =
      '{"resourceType":"Bundle","meta":{"versionId":"1"},"type":"collection","entry":[{"resource":{"name":[{"family":"F"}],"contact":[{}],"resourceType":"Patient"}},' +
      '{"resource":{"resourceType":"Unknown","x":1}}]}';
    expect(cut('_summary=true', json, 'Bundle')).toBe(
      `{"resourceType":"Bundle",${META},"type":"collection","entry":[{"resource":{"name":[{"family":"F"}],"resourceType":"Patient","meta":{"tag":[${SUBSETTED}]}}},` +
        '{"resource":{"resourceType":"Unknown","x":1}}]}',
    );
  });
});

describe('_elements', () => {
  it('keeps the elements named, all types of a choice, identity and mandatory ones', () => {
    expect(cut('_elements=value,note', observation, 'Observation')).toBe(
      `{"resourceType":"Observation","id":"o",${META},"implicitRules":"urn:r","modifierExtension":[{"url":"m","valueDecimal":1.00}],"status":"final",` +
        '"code":{"id":"i","coding":[{"extension":[{"url":"x","valueCode":"y"}],"code":"a\\u00e9","userSelected":true}]},' +
        '"valueQuantity":{"value":1.00,"unit":"g"},"note":[{"text":"n"}]}',
    );
  });

  it.each(['birthDate', ' birthDate ', 'Patient.birthDate,Observation.status', 'birthDate,name,nothing'])(
    'takes %j, with or without types',
    (names) => {
      expect(
        cut(
          `_elements=${names}`,
          '{"resourceType":"Patient","active":true,"birthDate":"2020","_birthDate":{"id":"b"}}',
        ),
      ).toBe(
        `{"resourceType":"Patient","birthDate":"2020","_birthDate":{"id":"b"},"meta":{"tag":[${SUBSETTED}]}}`,
      );
    },
  );

  it.each(['value[x]', 'value', 'valueQuantity'])('takes the choice as %s', (name) => {
    expect(
      cut(
        `_elements=${name}`,
        '{"resourceType":"Observation","meta":{"versionId":"1"},"valueQuantity":{"value":0.10}}',
        'Observation',
      ),
    ).toBe(`{"resourceType":"Observation",${META},"valueQuantity":{"value":0.10}}`);
  });

  it('does not take an element of another type', () => {
    expect(
      cut(
        '_elements=Observation.identifier',
        '{"resourceType":"Patient","meta":{"versionId":"1"},"identifier":[{}]}',
      ),
    ).toBe(`{"resourceType":"Patient",${META}}`);
  });
});

describe('the tag', () => {
  it.each([
    ['no meta', '', `"meta":{"tag":[${SUBSETTED}]}`],
    ['an empty meta', '"meta":{}', `"meta":{"tag":[${SUBSETTED}]}`],
    ['an empty list', '"meta":{"tag":[],"versionId":"1"}', `"meta":{"tag":[${SUBSETTED}],"versionId":"1"}`],
    [
      'other tags',
      '"meta":{"tag":[{"code":"SUBSETTED"}]}',
      `"meta":{"tag":[{"code":"SUBSETTED"},${SUBSETTED}]}`,
    ],
    ['the tag', `"meta":{"tag":[${SUBSETTED},{"code":"b"}]}`, `"meta":{"tag":[${SUBSETTED},{"code":"b"}]}`],
    [
      'the tag in other words',
      `"meta":{"tag":[{"display":"x","code":"SUBSETTED","system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue"}]}`,
      `"meta":{"tag":[{"display":"x","code":"SUBSETTED","system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue"}]}`,
    ],
  ])('is there once, with %s', (_what, meta, tagged) => {
    const json = `{"resourceType":"Patient"${meta === '' ? '' : `,${meta}`}}`;
    expect(cut('_elements=name', json)).toBe(`{"resourceType":"Patient",${tagged}}`);
  });

  it('makes no change the second time', () => {
    const once = cut('_summary=true', observation, 'Observation');
    expect(cut('_summary=true', once, 'Observation')).toBe(once);
  });
});

describe('a Bundle of an answer', () => {
  const bundle =
    '{"resourceType":"Bundle","type":"searchset","total":1.0,"entry":[{"fullUrl":"u","resource":{"resourceType":"Patient","active":true,"name":[{"family":"F"}]},"search":{"mode":"match"}},' +
    '{"resource":{"active":true,"resourceType":"Organization"},"search":{"mode":"include"}},{"resource":{"resourceType":"OperationOutcome","text":{},"issue":[]},"search":{"mode":"outcome"}},' +
    '{"response":{"status":"200"}}],"text":1}';

  it('has its matches cut down, and everything around them as it was', () => {
    expect(subsetEntries(Buffer.from(bundle), request('_elements=name')).toString()).toBe(
      bundle.replace(
        '"active":true,"name":[{"family":"F"}]',
        `"name":[{"family":"F"}],"meta":{"tag":[${SUBSETTED}]}`,
      ),
    );
  });

  it('has included resources cut down to a summary as well', () => {
    expect(subsetEntries(Buffer.from(bundle), request('_summary=true')).toString()).toContain(
      `"resource":{"active":true,"resourceType":"Organization","meta":{"tag":[${SUBSETTED}]}}`,
    );
  });
});

describe('the request', () => {
  it.each(['', '_summary=false', '_summary=count', 'name=a'])('%j asks for no subset', (query) => {
    expect(parseSubset(new URLSearchParams(query))).toBeUndefined();
  });

  it.each([
    ['_summary=True', 'FHIR_SUBSET_INVALID'],
    ['_summary=', 'FHIR_SUBSET_INVALID'],
    ['_summary=toString', 'FHIR_SUBSET_INVALID'],
    ['_summary=true&_summary=text', 'FHIR_SUBSET_INVALID'],
    ['_elements=', 'FHIR_SUBSET_INVALID'],
    ['_elements=name,', 'FHIR_SUBSET_INVALID'],
    ['_elements=name.family', 'FHIR_SUBSET_INVALID'],
    ['_elements=Patient.name.family', 'FHIR_SUBSET_INVALID'],
    ['_elements=_name', 'FHIR_SUBSET_INVALID'],
    [`_elements=${'a,'.repeat(300)}a`, 'FHIR_SUBSET_INVALID'],
    ['_elements=name&_elements=birthDate', 'FHIR_SUBSET_INVALID'],
    ['_elements=nome', 'FHIR_SUBSET_UNKNOWN_ELEMENT'],
    ['_elements=constructor', 'FHIR_SUBSET_UNKNOWN_ELEMENT'],
    ['_elements=Pacient.name', 'FHIR_SUBSET_UNKNOWN_ELEMENT'],
    ['_elements=name&_summary=data', 'FHIR_SUBSET_CONFLICT'],
    ['_elements=name&_summary=count', 'FHIR_SUBSET_CONFLICT'],
  ])('%s is refused', (query, code) => {
    expect(() => parseSubset(new URLSearchParams(query), ['Patient'])).toThrow(
      expect.objectContaining({ code, status: 400 }),
    );
  });

  it('takes an element that one of the types has, and any where the types are not known', () => {
    expect(parseSubset([['_elements', 'birthDate']], ['Observation', 'Patient'])).toBeDefined();
    expect(
      parseSubset([
        ['_elements', 'anything'],
        ['_summary', 'false'],
      ]),
    ).toBeDefined();
  });
});

describe('any text', () => {
  it('of JSON gives JSON, with the same values where they stay', () => {
    const member = fc.constantFrom(
      'id',
      'meta',
      'text',
      'name',
      'given',
      'contact',
      'link',
      'other',
      'extension',
      'tag',
      'x',
      '_name',
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 1.5, '', 'é"\\', '{', '[,'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(member, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    const contains = (whole: unknown, part: unknown): boolean =>
      typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null
        ? whole === part
        : Array.isArray(part)
          ? Array.isArray(whole) && part.every((item) => whole.some((other) => contains(other, item)))
          : Object.entries(part).every(([key, item]) =>
              contains((whole as Record<string, unknown>)[key], item),
            );
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('_summary=true', '_summary=text', '_summary=data', '_elements=name,link'),
        (any, query) => {
          const { meta: _meta, ...rest } = Object.assign({ meta: 1 }, any);
          const whole = { ...rest, resourceType: 'Patient' };
          const { meta, ...part } = JSON.parse(cut(query, JSON.stringify(whole)));
          expect(meta.tag).toHaveLength(1);
          expect(contains(whole, part)).toBe(true);
        },
      ),
      { numRuns: volume(500) },
    );
  });

  const examples = join(__dirname, '../../../../../shared/data/fhir-r4-examples');
  const published = existsSync(examples)
    ? readdirSync(examples)
        .filter((file) => /^[^.].*\.json$/.test(file))
        .map((file) => [file, readFileSync(join(examples, file))] as const)
    : [];
  const own = Object.entries(validResources()).map(
    ([name, resource]) => [name, Buffer.from(JSON.stringify(resource))] as const,
  );

  it('keeps every mandatory element, of published examples too where they are at hand', () => {
    for (const [name, text] of [...own, ...published]) {
      const whole = JSON.parse(text.toString().replace('\ufeff', ''));
      for (const query of ['_summary=true', '_summary=text', '_summary=data', '_elements=id']) {
        const part = JSON.parse(subset(text, whole.resourceType, request(query)).toString());
        for (const [property, { element }] of loadDefinitions().type(whole.resourceType)!.properties) {
          if (element.min > 0 && property in whole)
            expect({ name, query, keys: Object.keys(part) }).toMatchObject({
              keys: expect.arrayContaining([property]),
            });
        }
        expect(part.meta.tag.at(-1).code).toBe('SUBSETTED');
      }
    }
  });
});
