import fc from 'fast-check';
import type { Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';
import { volume } from '../../kit/volume.js';

const json = 'application/fhir+json';
const loinc = 'http://loinc.org';

interface TestObservation {
  readonly resourceType: 'Observation';
  readonly id: string;
  readonly status: string;
  readonly category: readonly object[];
  readonly code: { readonly coding?: readonly { system?: string; code: string }[]; readonly text?: string };
  readonly subject: { readonly reference: string };
  readonly effectiveDateTime?: string;
}

const category = (code: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }],
});
const observation = (
  id: string,
  codes: readonly (string | readonly [system: string | undefined, code: string])[],
  effective?: string,
  more: object = {},
): TestObservation => ({
  ...{ resourceType: 'Observation', id, status: 'final', category: [category('laboratory')] },
  code: {
    coding: codes.map((one) => {
      const [system, code] = typeof one === 'string' ? [loinc, one] : one;
      return { ...(system === undefined ? {} : { system }), code };
    }),
  },
  subject: { reference: 'Patient/one' },
  ...(effective === undefined ? {} : { effectiveDateTime: effective }),
  ...more,
});

/** What the operation is to answer, the plain way: ids in groups, each with its latest. */
function naive(all: readonly TestObservation[], most: number): readonly string[] {
  const codesOf = ({ code }: TestObservation): readonly string[] =>
    code.coding?.length
      ? code.coding.map((one) => `${one.system ?? ''}|${one.code}`)
      : [`text ${code.text?.toLowerCase() ?? ''}`];
  const groups: { codes: Set<string>; members: TestObservation[] }[] = [];
  for (const one of all) {
    const codes = codesOf(one);
    const joined = groups.filter((group) => codes.some((code) => group.codes.has(code)));
    const rest = groups.filter((group) => !joined.includes(group));
    groups.length = 0;
    groups.push(...rest, {
      codes: new Set([...codes, ...joined.flatMap((group) => [...group.codes])]),
      members: [...joined.flatMap(({ members }) => members), one],
    });
  }
  const time = ({ effectiveDateTime }: TestObservation): number =>
    effectiveDateTime === undefined ? -1 : Date.parse(effectiveDateTime);
  return groups
    .map(({ members }) =>
      members
        .toSorted((one, other) => time(other) - time(one) || all.indexOf(other) - all.indexOf(one))
        .slice(0, most)
        .map(({ id }) => id)
        .join(' '),
    )
    .sort();
}

describe.each(databases)('$lastn on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());
  afterEach(() => {
    fhir.access.denied.clear();
    fhir.access.narrowed = false;
  });

  const ask = (path: string, body?: object, headers: Record<string, string> = {}): Promise<InjectResponse> =>
    fhir.app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: `/fhir/r4${path === '' ? '' : `/${path}`}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  const store = async (...resources: readonly { resourceType: string; id: string }[]): Promise<void> => {
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const answer = await ask('', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
  };
  const found = async (path: string): Promise<readonly string[]> => {
    const answer = await ask(path);
    expect([answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([200, '']);
    const { entry = [] } = answer.json<{
      entry?: { resource: TestObservation; search: { mode: string } }[];
    }>();
    expect(entry.every(({ search }) => search.mode === 'match')).toBe(true);
    return entry.map(({ resource }) => resource.id);
  };

  describe('of what was observed', () => {
    beforeAll(async () => {
      await store(
        { resourceType: 'Patient', id: 'one' },
        { resourceType: 'Patient', id: 'two' },
        observation('a1', ['718-7'], '2020-01-01'),
        observation('a2', ['718-7'], '2020-03-01'),
        observation('a3', ['718-7'], '2020-02-01', { status: 'entered-in-error' }),
        // Codes of two systems, one of which is shared with those above.
        observation('a4', ['718-7', ['urn:local', 'hb']], '2019-01-01'),
        observation('a5', [['urn:local', 'hb']], '2021-01-01'),
        observation('b1', ['8867-4'], '2020-01-01'),
        observation('b2', ['8867-4']),
        observation('c1', [], '2020-01-01', { code: { text: 'Gait' } }),
        observation('c2', [], '2020-05-01', { code: { text: 'Gait' } }),
        observation('d1', [[undefined, '8867-4']], '2020-01-01', { category: [category('vital-signs')] }),
        observation('e1', ['718-7'], '2022-01-01', { subject: { reference: 'Patient/two' } }),
        observation('e2', ['9999-9'], undefined, {
          subject: { reference: 'Patient/two' },
          effectivePeriod: { start: '2018-01-01', end: '2023-01-01' },
        }),
        observation('e3', ['9999-9'], '2022-01-01', { subject: { reference: 'Patient/two' } }),
      );
    });

    it('is the latest of each group that shares a code, groups together and the newest first', async () => {
      const ids = await found('Observation/$lastn?patient=one&category=laboratory');
      expect([...ids].sort()).toEqual(['a5', 'b1', 'c2']);
      const three = await found('Observation/$lastn?patient=Patient/one&category=laboratory&max=3');
      const groups = ['a5 a2 a3', 'b1 b2', 'c2 c1'];
      for (const group of groups) expect(three.join(' ')).toContain(group);
      expect(three).toHaveLength(7);
    });

    it('sees only what the other parameters of the search let through', async () => {
      expect(await found('Observation/$lastn?subject=Patient/one&code=718-7&date=lt2020-03')).toEqual(['a3']);
      expect(
        await found(
          'Observation/$lastn?patient=one&code=718-7&status=final&date=ge2020-01-02&date=le2020-12',
        ),
      ).toEqual(['a2']);
      expect(await found('Observation/$lastn?patient=one&category=vital-signs')).toEqual(['d1']);
      const both = await found('Observation/$lastn?patient=one,two&combo-code=718-7');
      expect(both).toEqual(['e1']);
      expect(
        await found(
          'Observation/$lastn?patient=one&code:in=http://hl7.org/fhir/ValueSet/observation-vitalsignresult',
        ),
      ).toEqual(['b1']);
      expect(await found('Observation/$lastn?patient=two&code=9999-9')).toEqual(['e2']);
      expect(await found('Observation/$lastn?patient=nobody&category=laboratory')).toEqual([]);
    });

    it('is the same by POST and in a batch', async () => {
      const byGet = (await ask('Observation/$lastn?patient=one&category=laboratory&max=2')).json();
      const parameter = [
        { name: 'patient', valueString: 'one' },
        { name: 'category', valueString: 'laboratory' },
        { name: 'max', valuePositiveInt: 2 },
      ];
      const byPost = (await ask('Observation/$lastn', { resourceType: 'Parameters', parameter })).json();
      expect(byPost).toEqual(byGet);
      expect(byGet.total).toBe(6);
      const request = { method: 'GET', url: 'Observation/$lastn?patient=one&category=laboratory&max=2' };
      const batch = await ask('', { resourceType: 'Bundle', type: 'batch', entry: [{ request }] });
      expect(batch.json().entry[0].resource).toEqual(byGet);
    });

    it('comes in pages of whole groups', async () => {
      const all = await found('Observation/$lastn?patient=one&category=laboratory&max=2');
      const pages: string[][] = [];
      let url: string | undefined = 'Observation/$lastn?patient=one&category=laboratory&max=2&_count=3';
      for (let page = 0; url !== undefined && page < 9; page += 1) {
        const answer: InjectResponse = await ask(url);
        expect(answer.statusCode).toBe(200);
        const { entry, link } = answer.json<{
          entry: { resource: TestObservation }[];
          link: { relation: string; url: string }[];
        }>();
        pages.push(entry.map(({ resource }) => resource.id));
        url = link.find(({ relation }) => relation === 'next')?.url.slice(`${fhir.base}/`.length);
      }
      expect(pages.flat()).toEqual(all);
      expect(pages.map(({ length }) => length)).toEqual([2, 2, 2]);
    });

    it.each([
      ['Observation/$lastn?category=laboratory', 'patient'],
      ['Observation/$lastn?patient=one', 'category'],
      ['Observation/$lastn?patient=one&category=laboratory&max=0', 'max'],
      ['Observation/$lastn?patient=one&category=laboratory&_include=Observation:subject', '_include'],
      ['Observation/$lastn?patient=one&category=laboratory&_sort=date', '_sort'],
      ['Observation/$lastn?patient=one&category=laboratory&nonsense=1', 'nonsense'],
      ['Observation/$lastn?subject:missing=false&category=laboratory', 'patient'],
      ['Observation/$lastn?patient:missing=true&category=laboratory', 'patient'],
      ['Observation/$lastn?patient.name:missing=false&category=laboratory', 'patient'],
      ['Observation/$lastn?patient=one&category=laboratory&_count=0', '_count'],
      ['Observation/$lastn?patient=one&category=laboratory&_summary=count', '_summary'],
    ])('refuses %s', async (path, named) => {
      const answer = await ask(path);
      expect([answer.statusCode, answer.json().issue[0].details.text]).toEqual([
        400,
        expect.stringContaining(named),
      ]);
    });

    it('takes a subject by its type, its identifier or what it has', async () => {
      await store(
        { resourceType: 'Patient', id: 'known', identifier: [{ system: 'urn:mrn', value: '17' }] } as {
          resourceType: string;
          id: string;
        },
        observation('known-1', ['718-7'], '2020-01-01', {
          subject: { reference: 'Patient/known', identifier: { system: 'urn:mrn', value: '17' } },
        }),
      );
      for (const subject of [
        'subject:Patient=known',
        'subject:identifier=urn:mrn|17',
        'patient.identifier=urn:mrn|17',
        'subject:Patient.identifier=urn:mrn|17',
        'subject:missing=false&patient=known',
      ]) {
        const ids = await found(`Observation/$lastn?${subject}&category=laboratory`);
        expect([subject, ids]).toEqual([subject, ['known-1']]);
      }
    });

    it('leaves out what it does not know where the client asks for that', async () => {
      const answer = await ask('Observation/$lastn?patient=one&category=laboratory&nonsense=1', undefined, {
        prefer: 'handling=lenient',
      });
      expect(answer.statusCode).toBe(200);
      expect(answer.json().entry.at(-1).search.mode).toBe('outcome');
    });

    it('is for the type, and for who may search it', async () => {
      expect((await ask('Observation/a1/$lastn?patient=one&category=laboratory')).statusCode).toBe(404);
      expect((await ask('Patient/$lastn?patient=one&category=laboratory')).statusCode).toBe(404);
      fhir.access.denied.add('search-type Observation');
      expect((await ask('Observation/$lastn?patient=one&category=laboratory')).statusCode).toBe(403);
      fhir.access.denied.clear();
      fhir.access.narrowed = true;
      expect(await found('Observation/$lastn?patient=one&category=laboratory')).toEqual([]);
    });
  });

  const systems = [loinc, 'urn:local', undefined];
  const randomCodes = fc.array(
    fc.tuple(fc.constantFrom(...systems), fc.constantFrom('1', '2', '3', '4', '5', '6')),
    { maxLength: 3 },
  );
  const randomObservations = fc.array(
    fc.record({
      codes: randomCodes,
      text: fc.constantFrom('Pulse', 'Gait', 'pulse'),
      effective: fc.option(fc.constantFrom('2020-01-01', '2020-06-01T10:00:00Z', '2021-01-01'), {
        nil: undefined,
      }),
    }),
    { minLength: 1, maxLength: 25 },
  );

  it('is what a plain reading of its rules gives', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(randomObservations, fc.integer({ min: 1, max: 3 }), async (random, most) => {
        const patient = `random-${run++}`;
        const subject = { subject: { reference: `Patient/${patient}` } };
        const all = random.map(({ codes, text, effective }, n) =>
          observation(
            `${patient}-${n}`,
            codes,
            effective,
            codes.length === 0 ? { ...subject, code: { text } } : subject,
          ),
        );
        await store({ resourceType: 'Patient', id: patient });
        // One by one, since of equal dates the one that was written last comes first.
        for (const one of all) await store(one);
        const ids = await found(`Observation/$lastn?patient=${patient}&category=laboratory&max=${most}`);
        const expected = naive(all, most);
        // The groups stand in the order of their codes, each of them together.
        let rest = ids.join(' ');
        for (const group of expected) {
          expect(` ${rest} `).toContain(` ${group} `);
          rest = ` ${rest} `.replace(` ${group} `, ' | ').trim();
        }
        expect(rest.replaceAll('|', '').trim()).toBe('');
      }),
      { numRuns: volume(12), seed: 20_261_127 },
    );
  });
});
