import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../../src/platform/database/index.js';
import { StoreCheck, type Finding } from '../../../src/fhir/index.js';
import { databases } from '../../kit/databases.js';
import { fhirApplication, type FhirApplication } from '../../kit/fhir-application.js';

const patient = (family: string) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:check', value: family }],
  name: [{ family }],
  birthDate: '1970-01-01',
});

describe.each(databases)('the check of the store on $name', (database) => {
  let fixture: FhirApplication;
  beforeAll(async () => {
    fixture = await fhirApplication(database);
  });
  afterAll(() => fixture.app.close());

  const put = async (id: string, family: string) => {
    const { statusCode } = await fixture.app.inject({
      method: 'PUT',
      url: `/fhir/r4/Patient/${id}`,
      headers: { 'content-type': 'application/fhir+json' },
      payload: { ...patient(family), id },
    });
    expect([200, 201]).toContain(statusCode);
  };
  const remove = (id: string) => fixture.app.inject({ method: 'DELETE', url: `/fhir/r4/Patient/${id}` });
  const check = async (): Promise<Finding[]> => {
    const findings: Finding[] = [];
    const counts = await fixture.app.get(StoreCheck, { strict: false }).run({
      finding: (found) => findings.push(found),
    });
    expect(counts.findings).toBe(findings.length);
    return findings;
  };
  const ridOf = async (id: string): Promise<number> => {
    const [row] = await fixture.app.get(Database).query('SELECT rid FROM resource WHERE id = ?', [id]);
    return Number(row?.rid);
  };
  const execute = (sql: string, values: (string | number | Buffer)[]) =>
    fixture.app.get(Database).transaction((session) => session.execute(sql, values));
  const kinds = async (): Promise<string[]> => (await check()).map(({ kind }) => kind);

  it('finds nothing wrong with resources that were created, updated, deleted and revived', async () => {
    await put('a', 'Smith');
    await put('a', 'Miller');
    await put('b', 'Jones');
    await remove('b');
    await put('c', 'Brown');
    await remove('c');
    await put('c', 'Brown again');
    for (let n = 0; n < 250; n++) await put('versions', `Name ${n}`);
    const seen = await fixture.app.get(StoreCheck, { strict: false }).run({ finding: () => undefined });
    expect(seen).toMatchObject({ resources: 4, versions: 257, findings: 0 });
  });

  it('names an index row that is missing, with its parameter and value', async () => {
    await put('missing', 'Smith');
    await execute('DELETE FROM index_date WHERE rid = ?', [await ridOf('missing')]);
    expect(await check()).toMatchObject([
      {
        kind: 'index-missing',
        resource: 'Patient/missing',
        version: 1,
        detail: expect.stringMatching(/^index_date row of birthdate: low=0/) as string,
      },
    ]);
    await put('missing', 'Smith-Jones');
    expect(await check()).toEqual([]);
  });

  it('names an index row that the body does not derive', async () => {
    await put('surplus', 'Smith');
    await execute(
      "INSERT INTO index_uri (param, value, rid) SELECT param, 'urn:surplus', rid FROM index_token WHERE rid = ? LIMIT 1",
      [await ridOf('surplus')],
    );
    expect(await check()).toMatchObject([
      {
        kind: 'index-surplus',
        resource: 'Patient/surplus',
        detail: expect.stringContaining('value="urn:surplus"') as string,
      },
    ]);
    await execute("DELETE FROM index_uri WHERE value = 'urn:surplus'", []);
  });

  it('names index rows of a deleted resource', async () => {
    await put('gone', 'Smith');
    await remove('gone');
    await execute('INSERT INTO index_date (param, low, rid, high) VALUES (1, 0, ?, 1)', [
      await ridOf('gone'),
    ]);
    expect(await check()).toMatchObject([
      {
        kind: 'index-surplus',
        resource: 'Patient/gone',
        detail: expect.stringContaining('deleted') as string,
      },
    ]);
    await execute('DELETE FROM index_date WHERE rid = ?', [await ridOf('gone')]);
  });

  it('names rows of no resource', async () => {
    await execute('INSERT INTO index_date (param, low, rid, high) VALUES (1, 0, 987654, 1)', []);
    await execute(
      'INSERT INTO resource_history (rid, repository, type, version, last_updated, deleted, method, content) ' +
        "SELECT 987655, repository, type, 1, 0, 0, 1, content FROM resource WHERE id = 'a'",
      [],
    );
    expect((await check()).map(({ kind, rid }) => [kind, rid])).toEqual([
      ['history-orphaned', 987_655],
      ['index-orphaned', 987_654],
    ]);
    await execute('DELETE FROM index_date WHERE rid = 987654', []);
    await execute('DELETE FROM resource_history WHERE rid = 987655', []);
  });

  it('names a body that is no resource, and one that says otherwise than its row', async () => {
    await put('broken', 'Smith');
    const rid = await ridOf('broken');
    await execute('UPDATE resource SET content = ? WHERE rid = ?', [Buffer.from('{"resourceType":'), rid]);
    expect(await kinds()).toEqual(['body-unreadable']);
    const content = Buffer.from(
      '{"resourceType":"Patient","id":"other","meta":{"versionId":"7","lastUpdated":"2020-01-01T00:00:00.000Z"}}',
    );
    await execute('UPDATE resource SET content = ? WHERE rid = ?', [content, rid]);
    const differing = (await check()).filter(({ kind }) => kind === 'body-differs');
    expect(differing.map(({ detail }) => detail.split(' ')[0])).toEqual([
      'id',
      'meta.versionId',
      'meta.lastUpdated',
    ]);
    await execute('DELETE FROM resource WHERE rid = ?', [rid]);
    for (const table of ['token', 'string', 'date', 'term'])
      await execute(`DELETE FROM index_${table} WHERE rid = ?`, [rid]);
    expect(await check()).toEqual([]);
  });

  it('names versions that are missing, surplus or out of order', async () => {
    await execute('DELETE FROM resource_history WHERE rid = ? AND version IN (10, 11, 249)', [
      await ridOf('versions'),
    ]);
    expect((await check()).map(({ kind, detail }) => [kind, detail])).toEqual([
      ['history-broken', 'versions 10 to 11 missing'],
      ['history-broken', 'version 249 missing'],
    ]);
  });

  it('names a resource whose number could be given out again', async () => {
    await execute('UPDATE fhir_rid_block SET next_rid = ? WHERE id = 1', [await ridOf('surplus')]);
    expect(await kinds()).toContain('number-unreserved');
    await execute('UPDATE fhir_rid_block SET next_rid = 1000000 WHERE id = 1', []);
  });

  it('finds nothing wrong while others keep writing', async () => {
    const known = await check();
    let writing = true;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; writing; n++) {
        if (n % 5 === 4) await remove(`live-${writer % 4}`);
        else await put(`live-${writer % 4}`, `Name ${writer} ${n}`);
        // Without a rest, histories grow faster than they are read.
        await sleep(20);
      }
    });
    try {
      for (let n = 0; n < 6; n++) expect(await check()).toEqual(known);
    } finally {
      writing = false;
      await Promise.all(writers);
    }
  });
});
