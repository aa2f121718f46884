import { sqlite } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

describe.each([sqlite])('profiles and value sets that somebody has stored, on $name', (database) => {
  let fhir: FhirApplication;
  let base: string;
  beforeAll(async () => {
    fhir = await fhirApplication(database, {
      FIREKEEP_PROFILE_STEPS: '200000',
      FIREKEEP_PATTERN_STEPS: '1000000',
    });
    await fhir.app.listen(0, '127.0.0.1');
    base = `${await fhir.app.getUrl()}/fhir/r4`;
  });
  afterAll(() => fhir.app.close());

  const send = (method: 'PUT' | 'POST', path: string, body: object): Promise<Response> =>
    fetch(base + path, {
      method,
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(body),
    });
  const put = async (resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly [element: string]: unknown;
  }): Promise<void> => {
    const answer = await send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    expect([answer.ok, await answer.text()]).toEqual([true, expect.any(String)]);
  };
  const url = (id: string): string => `http://example.org/StructureDefinition/${id}`;
  const profile = (id: string, elements: readonly object[]) => ({
    ...{ resourceType: 'StructureDefinition', id, url: url(id), name: 'Hostile', status: 'active' },
    ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: { element: [{ id: 'Patient', path: 'Patient' }, ...elements] },
  });
  const rule = (id: string, expression: string, human = 'A rule.') =>
    profile(id, [
      {
        ...{ id: 'Patient.name', path: 'Patient.name' },
        constraint: [{ key: 'x-1', severity: 'error', human, expression }],
      },
    ]);
  /** Severity and code of each issue. */
  const found = async (id: string, patient: object): Promise<unknown> => {
    const answer = await send('POST', `/Patient/$validate?profile=${url(id)}`, {
      resourceType: 'Patient',
      ...patient,
    });
    expect(answer.status).toBe(200);
    return (await issuesOf(answer)).map(({ severity, code }) => `${severity} ${code}`);
  };
  interface Issue {
    readonly severity: string;
    readonly code: string;
    readonly details?: { readonly text?: string };
  }
  const issuesOf = async (answer: Response): Promise<readonly Issue[]> =>
    ((await answer.json()) as { readonly issue?: readonly Issue[] }).issue ?? [];
  const tooCostly = expect.arrayContaining(['error too-costly']) as unknown;
  const names = (count: number) => ({ name: Array.from({ length: count }, (_, n) => ({ text: `n${n}` })) });

  it.each([
    ['^(a+)+$', `${'a'.repeat(2_000)}!`, ['error invariant']],
    ['^(a+)+$', 'aaaa', ['information informational']],
    ['(a|a|aa)*(a*)*b', 'a'.repeat(5_000), ['error invariant']],
    ['([a-z]+)*[0-9]', 'x'.repeat(5_000), ['error invariant']],
    ['(?=a)a', 'a', ['information not-supported']],
    ['(a)\\\\1', 'aa', ['information not-supported']],
    ['(a|b)*a(a|b){60}', 'ab'.repeat(100_000), tooCostly],
  ])('hold nobody up by the pattern %s', async (pattern, family, expected) => {
    await put(rule('pattern', `family.matches('${pattern}')`));
    expect(await found('pattern', { name: [{ family }] })).toEqual(expected);
  });

  it('hold nobody up by a pattern that is replaced', async () => {
    await put(rule('replaced', "family.replaceMatches('(x+x+)+y', '') = 'b'"));
    expect(await found('replaced', { name: [{ family: 'x'.repeat(30_000) }] })).toEqual(tooCostly);
    expect(await found('replaced', { name: [{ family: 'xxyb' }] })).toEqual(['information informational']);
  });

  it.each([
    ['iterations', "%resource.name.all(%resource.name.all(%resource.name.all(text != 'x')))"],
    ['selections', '%resource.name.select(%resource.name.select(%resource.name.select(text))).isDistinct()'],
    [
      'conditions',
      "%resource.name.where(%resource.name.where(%resource.name.where(text = 'x').exists()).exists()).empty()",
    ],
    ['descendants', '%resource.name.all(%resource.descendants().text.isDistinct())'],
    ['a collection that doubles', `text${'.select($this.combine($this))'.repeat(60)}.exists()`],
    ['a text that doubles', `text${'.select($this & $this)'.repeat(60)}.exists()`],
    ['a replacement that doubles', `text${".replaceMatches('n', 'nn')".repeat(60)}.exists()`],
    ['keys of large elements', '%resource.name.all($this in %resource.name.where(text.exists()))'],
    ['a long condition', `%resource.name.all(%resource.name.all(${'true and '.repeat(200)}true))`],
  ])('are given up with what to do where they ask for too many steps: %s', async (_what, expression) => {
    await put(rule('costly', expression));
    expect(await found('costly', names(300))).toEqual(tooCostly);
  });

  it('may ask for what takes few steps', async () => {
    await put(rule('cheap', "%resource.name.all(%resource.name.all(text != 'x'))"));
    expect(await found('cheap', names(20))).toEqual(['information informational']);
  });

  it('are given up where patterns of values or alternatives of types multiply', async () => {
    const coding = Array.from({ length: 400 }, (_, n) => ({ code: `p${n}` }));
    await put(
      profile('values', [
        { id: 'Patient.maritalStatus', path: 'Patient.maritalStatus', patternCodeableConcept: { coding } },
      ]),
    );
    const codings = Array.from({ length: 1_000 }, (_, n) => ({ code: `p${999 - n}` }));
    expect(await found('values', { maritalStatus: { coding: codings } })).toEqual(tooCostly);
    const types = [{ code: 'HumanName', profile: Array.from({ length: 20 }, () => url('names')) }];
    await put({
      ...profile('names', []),
      ...{ type: 'HumanName', kind: 'complex-type' },
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/HumanName',
      differential: {
        element: [
          { id: 'HumanName', path: 'HumanName' },
          { id: 'HumanName.text', path: 'HumanName.text', maxLength: 3 },
        ],
      },
    });
    await put(profile('types', [{ id: 'Patient.name', path: 'Patient.name', type: types }]));
    expect(await found('types', names(2_000))).toEqual(tooCostly);
  });

  it('tell of a rule in so many characters, whatever its text', async () => {
    await put(rule('words', "text = 'x'", `a${' '.repeat(900_000)}b`));
    expect(await found('words', names(1))).toEqual(['error invariant']);
  });

  it('expand by patterns as far as these take few steps', async () => {
    const system = 'http://example.org/CodeSystem/many';
    await put({
      ...{ resourceType: 'CodeSystem', id: 'many', url: system, status: 'active', content: 'complete' },
      ...{ caseSensitive: true },
      concept: [{ code: 'ab7' }, { code: 'ab'.repeat(10_000) }],
    });
    const search = async (pattern: string) => {
      const filter = [{ property: 'code', op: 'regex', value: pattern }];
      const include = [{ system, filter }];
      await put({
        ...{ resourceType: 'ValueSet', id: 'some', url: 'http://example.org/some', status: 'active' },
        compose: { include },
      });
      const answer = await fetch(`${base}/Observation?code:in=http://example.org/some`);
      return [answer.status, (await issuesOf(answer))[0]?.details?.text];
    };
    expect(await search('(?:ab)*7?')).toEqual([200, undefined]);
    const [status, text] = await search('(a|b)*a(a|b){58}');
    expect([status, text]).toEqual([422, expect.stringContaining('FIREKEEP_PATTERN_STEPS')]);
    expect(await search('(?=a)')).toEqual([422, expect.stringContaining('not understood')]);
  });
});
