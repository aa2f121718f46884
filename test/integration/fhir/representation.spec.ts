import type { InjectOptions, Response as InjectResponse } from 'light-my-request';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const xmlns = 'xmlns="http://hl7.org/fhir"';
const patientXml =
  `<?xml version="1.0" encoding="UTF-8"?>\n<Patient ${xmlns}>\n  <extension url="urn:weight"><valueDecimal value="1.50"/></extension>\n` +
  '  <name><family value="Ä &amp; &lt;B&gt;"/><given value="C"/></name>\n  <gender value="female"/>\n</Patient>';
const xml = 'application/fhir+xml';
const json = 'application/fhir+json';

describe.each(databases)('representations on $name', (database) => {
  let fhir: FhirApplication;
  beforeAll(async () => {
    fhir = await fhirApplication(database);
  });
  afterAll(() => fhir.app.close());

  const ask = (
    method: InjectOptions['method'],
    path: string,
    { body, ...headers }: Record<string, string> = {},
  ): Promise<InjectResponse> =>
    fhir.app.inject({
      method: method!,
      url: `/fhir/r4${path}`,
      headers: { ...(body === undefined ? {} : { 'content-type': json }), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
  const contentType = ({ headers }: InjectResponse): unknown => headers['content-type'];
  const create = async (resource: object): Promise<string> => {
    const answer = await ask('POST', `/${(resource as { resourceType: string }).resourceType}`, {
      body: JSON.stringify(resource),
    });
    expect(answer.statusCode).toBe(201);
    return answer.json().id;
  };

  describe('XML', () => {
    it('comes in, is stored as it was meant, and goes out', async () => {
      const created = await ask('POST', '/Patient', { body: patientXml, 'content-type': xml, accept: xml });
      expect([created.statusCode, contentType(created)]).toEqual([201, `${xml}; charset=utf-8`]);
      expect(created.body).toContain(
        '<extension url="urn:weight"><valueDecimal value="1.50"/></extension><name><family value="Ä &amp; &lt;B>"/>',
      );
      const path = new URL(created.headers.location!).pathname.slice('/fhir/r4'.length);
      const [patient = ''] = path.split('/_history');
      const asJson = await ask('GET', patient);
      expect(asJson.body).toContain('"valueDecimal":1.50');
      expect(asJson.json().name).toEqual([{ family: 'Ä & <B>', given: ['C'] }]);
      const updated = await ask('PUT', patient, {
        body: created.body.replace('female', 'male'),
        'content-type': `${xml}; charset=UTF-8; fhirVersion=4.0`,
      });
      expect([updated.statusCode, updated.json().gender, updated.json().meta.versionId]).toEqual([
        200,
        'male',
        '2',
      ]);
      expect((await ask('GET', `${patient}/_history/1`, { accept: 'application/xml' })).body).toContain(
        '<gender value="female"/>',
      );
    });

    it.each([
      ['?_format=xml', json, `${xml}; charset=utf-8`],
      ['?_format=application/fhir%2Bxml', json, `${xml}; charset=utf-8`],
      ['?_format=application/xml', json, 'application/xml; charset=utf-8'],
      ['?_format=json', xml, `${json}; charset=utf-8`],
      ['?%5Fformat=xml', json, `${xml}; charset=utf-8`],
      ['', `${json};q=0.4, ${xml};q=0.5`, `${xml}; charset=utf-8`],
      ['', `${json};q=0.5, ${xml};q=0.4`, `${json}; charset=utf-8`],
    ])('search%s with Accept %s is answered as %s', async (query, accept, expected) => {
      const answer = await ask('GET', `/Patient${query}`, { accept });
      expect([answer.statusCode, contentType(answer)]).toEqual([200, expected]);
      expect(answer.headers.vary).toContain('Accept');
      expect(answer.body.trimStart()).toMatch(expected.includes('xml') ? /^<\?xml[^]*<Bundle / : /^\{/);
    });

    it('is indented for people where _pretty=true', async () => {
      const id = await create({ resourceType: 'Patient', active: true });
      const answer = await ask('GET', `/Patient/${id}?_pretty=true&_format=xml`);
      expect(answer.body).toContain('\n  <active value="true"/>\n');
    });

    it('carries histories, metadata and searches by POST with a form', async () => {
      const id = await create({ resourceType: 'Patient', active: true });
      const history = await ask('GET', `/Patient/${id}/_history?_format=xml`);
      expect(history.body).toContain('<type value="history"/>');
      const metadata = await ask('GET', '/metadata', { accept: xml });
      expect(metadata.body).toContain(`<CapabilityStatement ${xmlns}>`);
      const search = await ask('POST', '/Patient/_search', {
        body: `_id=${id}&_format=xml&_elements=active`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: json,
      });
      expect(contentType(search)).toBe(`${xml}; charset=utf-8`);
      expect(search.body).toContain('SUBSETTED');
    });

    it('carries transactions, all or nothing', async () => {
      const bundle = (gender: string): string =>
        `<Bundle ${xmlns}><type value="transaction"/><entry><fullUrl value="urn:uuid:1"/><resource><Patient>` +
        `<gender value="${gender}"/></Patient></resource><request><method value="POST"/><url value="Patient"/></request></entry>` +
        '<entry><resource><Observation><status value="final"/><code><text value="t"/></code><subject><reference value="urn:uuid:1"/>' +
        '</subject><valueQuantity><value value="2.0"/></valueQuantity></Observation></resource><request><method value="POST"/>' +
        '<url value="Observation"/></request></entry></Bundle>';
      const answer = await ask('POST', '', { body: bundle('male'), 'content-type': xml, accept: xml });
      expect([answer.statusCode, contentType(answer)]).toEqual([200, `${xml}; charset=utf-8`]);
      expect(answer.body).toContain('<type value="transaction-response"/>');
      const location = /<location value="[^"]*\/(Observation\/[^/"]+)/.exec(answer.body)?.[1];
      expect((await ask('GET', `/${location}`)).body).toContain('"value":2.0');
      const refused = await ask('POST', '', { body: bundle('m'), 'content-type': xml, accept: xml });
      expect(refused.statusCode).toBe(422);
      expect(refused.body).toContain('<expression value="Bundle.entry[0].resource.gender"/>');
    });

    it('is the form of errors too', async () => {
      const unknown = await ask('GET', '/Patient/nobody', { accept: xml });
      expect([unknown.statusCode, contentType(unknown)]).toEqual([404, `${xml}; charset=utf-8`]);
      expect(unknown.body).toMatch(/^<\?xml[^]*<OperationOutcome xmlns="http:\/\/hl7.org\/fhir">/);
      expect((await ask('GET', '/Nonsense?_format=xml')).body).toContain('<OperationOutcome');
      expect((await ask('GET', '/nowhere/at/all/here/no?_format=xml')).body).toContain('<OperationOutcome');
      const broken = await ask('POST', '/Patient', { body: '<Patient', 'content-type': xml, accept: xml });
      expect([broken.statusCode, contentType(broken)]).toEqual([400, `${xml}; charset=utf-8`]);
    });

    it.each([
      ['a DOCTYPE', `<!DOCTYPE x [<!ENTITY e "x">]><Patient ${xmlns}/>`],
      ['an unknown element', `<Patient ${xmlns}><nmae/></Patient>`],
      ['no namespace', '<Patient><active value="true"/></Patient>'],
      ['JSON', '{"resourceType":"Patient"}'],
      ['nothing', ''],
    ])('%s is refused with 400', async (_what, body) => {
      const answer = await ask('POST', '/Patient', { body, 'content-type': xml });
      expect([answer.statusCode, answer.json().resourceType]).toEqual([400, 'OperationOutcome']);
    });

    it('is not needed to learn that a form is not to be had', async () => {
      for (const [query, accept] of [
        ['', 'text/turtle'],
        ['?_format=ttl', xml],
      ] as const) {
        const answer = await ask('GET', `/Patient${query}`, { accept });
        expect([answer.statusCode, answer.json().issue[0].code]).toEqual([406, 'not-supported']);
      }
      expect(
        (await ask('POST', '/Patient', { body: patientXml, 'content-type': 'text/plain' })).statusCode,
      ).toBe(415);
    });
  });

  describe('what has no form in XML', () => {
    it('is refused on reading, and no write says that it failed', async () => {
      const lax = await fhirApplication(database, { FIREKEEP_VALIDATION: 'off' });
      const send = (method: 'GET' | 'PUT', accept: string): Promise<InjectResponse> =>
        lax.app.inject({
          method,
          url: '/fhir/r4/Patient/odd',
          headers: { accept, 'content-type': json },
          ...(method === 'PUT' ? { payload: '{"resourceType":"Patient","id":"odd","nonsense":[]}' } : {}),
        });
      const written = await send('PUT', xml);
      expect([written.statusCode, contentType(written)]).toEqual([201, `${json}; charset=utf-8`]);
      const read = await send('GET', xml);
      expect(read.statusCode).toBe(406);
      expect(read.body).toContain('FHIR_XML_NOT_REPRESENTABLE');
      expect((await send('GET', json)).statusCode).toBe(200);
      await lax.app.close();
    });
  });

  describe('_summary and _elements', () => {
    let id: string;
    beforeAll(async () => {
      id = await create({
        resourceType: 'Patient',
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
        name: [{ family: 'Subset' }],
        contact: [{ name: { family: 'Other' } }],
      });
    });
    const tagged = (resource: { meta: { tag?: { code: string }[] } }): boolean =>
      resource.meta.tag?.some(({ code }) => code === 'SUBSETTED') === true;

    it.each([
      ['_summary=true', ['name']],
      ['_summary=text', ['text']],
      ['_summary=data', ['name', 'contact']],
      ['_elements=contact', ['contact']],
    ])('%s is applied to read, vread, search and history', async (query, members) => {
      const answers = await Promise.all([
        ask('GET', `/Patient/${id}?${query}`),
        ask('GET', `/Patient/${id}/_history/1?${query}`),
        ask('GET', `/Patient?_id=${id}&${query}`),
        ask('GET', `/Patient/${id}/_history?${query}`),
      ]);
      for (const answer of answers) {
        expect(answer.statusCode).toBe(200);
        const body = answer.json();
        const resource = body.resourceType === 'Bundle' ? body.entry[0].resource : body;
        expect(tagged(resource)).toBe(true);
        expect(Object.keys(resource).slice(3)).toEqual(members);
      }
      const self = answers[2]?.json().link[0].url as string;
      expect(self).toBe(`${fhir.base}/Patient?_id=${id}&${query}`);
      expect(tagged((await ask('GET', `/Patient/${id}`)).json())).toBe(false);
    });

    it('false leaves resources whole, count leaves the number', async () => {
      const whole = (await ask('GET', `/Patient?_id=${id}&_summary=false`)).json().entry[0].resource;
      expect([Object.keys(whole).slice(3), tagged(whole)]).toEqual([['text', 'name', 'contact'], false]);
      for (const path of [`/Patient?_id=${id}&_summary=count`, `/Patient/${id}/_history?_summary=count`]) {
        const counted = (await ask('GET', path)).json();
        expect([counted.total, counted.entry]).toEqual([1, undefined]);
      }
    });

    it('can be changed from page to page', async () => {
      const first = (await ask('GET', '/Patient?_count=1&_elements=name')).json();
      const next = first.link.find(({ relation }: { relation: string }) => relation === 'next').url as string;
      const path = next.slice(fhir.base.length);
      expect(path).toContain('_elements=name');
      expect((await ask('GET', path.replace('_elements=name', '_summary=true'))).statusCode).toBe(200);
    });

    it.each(['_summary=most', '_elements=nmae', '_summary=true&_elements=name', '_elements=name.family'])(
      '%s is refused',
      async (query) => {
        for (const path of [`/Patient/${id}`, '/Patient']) {
          const answer = await ask('GET', `${path}?${query}`);
          expect([answer.statusCode, answer.json().issue[0].code]).toEqual([400, 'invalid']);
        }
      },
    );

    it('cuts the CapabilityStatement down as well', async () => {
      const summary = (await ask('GET', '/metadata?_summary=true')).json();
      expect([tagged(summary), summary.rest[0].resource[0].searchParam]).toEqual([true, undefined]);
      expect((await ask('GET', '/metadata?_elements=format')).json().format).toContain('json');
    });

    it.each(['batch', 'transaction'])('is applied to the reading entries of a %s', async (type) => {
      const urls = [`Patient/${id}?_elements=name`, `Patient?_id=${id}&_summary=text`];
      const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
      const body = JSON.stringify({ resourceType: 'Bundle', type, entry });
      const [read, search] = (await ask('POST', '', { body })).json().entry;
      expect([tagged(read.resource), read.resource.contact]).toEqual([true, undefined]);
      const found = search.resource.entry[0].resource;
      expect([tagged(found), found.text.status, found.name]).toEqual([true, 'generated', undefined]);
    });

    it('leaves the answers of writes alone', async () => {
      const answer = await ask('POST', '/Patient?_elements=name', {
        body: '{"resourceType":"Patient","active":true}',
      });
      expect(answer.json().active).toBe(true);
    });
  });

  describe('Prefer: return', () => {
    it.each([
      ['minimal', undefined],
      ['representation', 'Patient'],
      ['OperationOutcome', 'OperationOutcome'],
      ['nonsense', 'Patient'],
    ])('%s brings %s', async (wanted, type) => {
      const answer = await ask('POST', '/Patient', {
        body: '{"resourceType":"Patient"}',
        prefer: `return=${wanted}`,
      });
      expect(answer.statusCode).toBe(201);
      expect(answer.headers.etag).toBe('W/"1"');
      expect(answer.body === '' ? undefined : answer.json().resourceType).toBe(type);
    });
  });
});
