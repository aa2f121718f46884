import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setImmediate as turn } from 'node:timers/promises';
import { createApplication } from '../../../src/application/create-application.js';
import { AddressUpkeep } from '../../../src/clients/address-upkeep.js';
import { ClientLookup, ClientsService } from '../../../src/clients/index.js';
import { Settings } from '../../../src/platform/config/index.js';
import { Database } from '../../../src/platform/database/index.js';
import { databases } from '../../kit/databases.js';
import { listen, send } from '../../kit/http.js';
import { basic, postForm } from '../oauth2/browser.js';

const origin = 'https://app.example.com';
const base = 'https://rs.example.net/fhir';

describe.each(databases)('clients by their addresses on $name', ({ name, create }) => {
  let app: NestFastifyApplication;
  let clients: ClientsService;
  let lookup: ClientLookup;
  let database: Database;

  beforeAll(async () => {
    app = await createApplication(
      Settings.of({
        databaseUrl: await create(),
        secretKey: Buffer.alloc(32, 1).toString('base64'),
        publicUrl: 'https://fhir.example.org',
        logLevel: 'silent',
        allowOpen: true,
      }),
    );
    await listen(app);
    clients = app.get(ClientsService, { strict: false });
    lookup = app.get(ClientLookup, { strict: false });
    database = app.get(Database, { strict: false });
  });
  afterAll(() => app.close());

  const makeApp = (clientId: string, uri: string, dynamicallyRegistered = false) =>
    clients.create({
      ...{ clientId, redirectUris: [uri], tokenEndpointAuthMethod: 'none', dynamicallyRegistered },
      grantTypes: ['authorization_code'],
    });
  const sql = (statement: string, values: readonly string[]) =>
    database.transaction((session) => session.execute(statement, values));

  test('are found by the origin of a redirect URI, approved where any client with it is', async () => {
    expect(await lookup.standingOf(origin)).toBeUndefined();
    await makeApp('own', `${origin}/callback`, true);
    expect(await lookup.standingOf(origin)).toBe('registered');
    await makeApp('made', `${origin}/other`);
    expect(await lookup.standingOf(origin)).toBe('approved');
    await clients.remove('made');
    expect(await lookup.standingOf(origin)).toBe('registered');
    await clients.update('own', { redirectUris: [`${origin}/callback`, 'com.example.app:/callback'] });
    expect(await lookup.standingOf(origin)).toBe('approved');
    expect(await lookup.standingOf('null')).toBeUndefined();
    await clients.update('own', { enabled: false });
    expect(await lookup.standingOf(origin)).toBeUndefined();
  });

  test('are found by the base URL of a resource server, the first of several', async () => {
    await clients.create({ clientId: 'rs-2', resource: [`${base}/`, `${base}/second`] });
    await clients.create({ clientId: 'rs-1', resource: [base] });
    expect(await lookup.resourceServerAt(base)).toBe('rs-1');
    expect(await lookup.resources(2)).toEqual([base, base]);
    await clients.update('rs-1', { enabled: false });
    expect(await lookup.resourceServerAt(base)).toBe('rs-2');
    await clients.update('rs-2', { resource: [`${base}/second`] });
    expect(await lookup.resourceServerAt(base)).toBeUndefined();
    expect(await lookup.resources(5)).toEqual([`${base}/second`]);
  });

  test('are found where a process of an earlier program made or changed them, once that is noticed', async () => {
    const upkeep = app.get(AddressUpkeep, { strict: false });
    await makeApp('changed', 'https://before.example.com/callback');
    await makeApp('made-elsewhere', 'https://made.example.com/callback');
    // As a program writes that knows neither these tables nor the columns beside them.
    await sql('DELETE FROM oauth_client_origin WHERE client_id = ?', ['made-elsewhere']);
    await sql('UPDATE oauth_client SET indexed_version = NULL WHERE client_id = ?', ['made-elsewhere']);
    await sql('UPDATE oauth_client SET version = version + 1, redirect_uris = ? WHERE client_id = ?', [
      '["https://after.example.com/callback"]',
      'changed',
    ]);
    for (const time of ['first', 'later']) {
      await upkeep.run();
      expect([time, await lookup.standingOf('https://made.example.com')]).toEqual([time, 'approved']);
      expect([time, await lookup.standingOf('https://after.example.com')]).toEqual([time, 'approved']);
      expect([time, await lookup.standingOf('https://before.example.com')]).toEqual([time, undefined]);
      await sql('DELETE FROM oauth_client_origin WHERE client_id = ?', ['made-elsewhere']);
      await sql('UPDATE oauth_client SET indexed_version = NULL WHERE client_id = ?', ['made-elsewhere']);
      if (time === 'later') continue;
      await sql('UPDATE oauth_client SET version = version + 1 WHERE client_id = ?', ['changed']);
    }
  });

  test('cost as many rows with many clients as with few, for preflights and for tokens', async () => {
    for (let place = 0; place < 60; place += 1) {
      await makeApp(`many-${place}`, `https://many-${place}.example.com/callback`);
      if (place % 2 === 0) await clients.create({ resource: [`https://many.example.net/${place}`] });
    }
    await clients.create({
      ...{ clientId: 'loader', grantTypes: ['client_credentials'], scope: 'system/*.rs' },
      clientSecret: 'a secret of some length',
    });
    const query = jest.spyOn(database, 'query');
    const list = jest.spyOn(clients, 'list');
    try {
      const asked = (from: string) =>
        send(app, {
          ...{ method: 'OPTIONS', url: '/fhir/r4/Patient' },
          headers: { origin: from, 'access-control-request-method': 'GET' },
        });
      expect((await asked('https://many-7.example.com')).statusCode).toBe(204);
      expect((await asked('https://nobody.example.com')).statusCode).not.toBe(204);
      const token = (resource: string) =>
        postForm(
          app,
          '/oauth2/token',
          { grant_type: 'client_credentials', scope: 'system/*.rs', resource },
          basic('loader', 'a secret of some length'),
        );
      expect((await token('https://many.example.net/18/')).statusCode).toBe(200);
      expect((await token('https://many.example.net/19')).json()).toMatchObject({ error: 'invalid_target' });
      const rows = await Promise.all(query.mock.results.map(async ({ value }) => (await value) as unknown[]));
      const ofClients = rows.filter((_, call) =>
        String(query.mock.calls[call]?.[0]).includes('FROM oauth_client'),
      );
      expect(ofClients.length).toBeGreaterThan(2);
      expect(Math.max(...ofClients.map(({ length }) => length))).toBeLessThanOrEqual(50);
      expect(ofClients.filter(({ length }) => length > 1)).toHaveLength(1);
      expect(list).not.toHaveBeenCalled();
    } finally {
      query.mockRestore();
      list.mockRestore();
    }
  });

  test('and what a client has ends in parts, in the commit that disables it, with turns for others', async () => {
    await makeApp('busy', 'https://busy.example.com/callback');
    const now = Date.now();
    const tokens = 1_800;
    await database.transaction(async (session) => {
      for (let place = 0; place < tokens; place += 1) {
        const key = Buffer.alloc(32);
        key.writeUInt32BE(place + 1);
        await session.append(
          `INSERT INTO oauth2_artifact (id_hash, model, account_id, client_id, payload, issued_at, expires_at)
           VALUES (?, 'AccessToken', 'alice', 'busy', ?, ?, ?)`,
          [key, Buffer.from('{}'), now, now + 3600_000],
        );
      }
    });
    let isOver = false;
    let turns = 0;
    const counting = (async () => {
      for (; !isOver; turns += 1) await turn();
    })();
    await clients.update('busy', { enabled: false });
    isOver = true;
    await counting;
    const [left] = await database.query<{ good: number; ended: number }>(
      `SELECT SUM(CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END) AS good, COUNT(*) AS ended
       FROM oauth2_artifact WHERE client_id = 'busy'`,
    );
    expect([Number(left?.good), Number(left?.ended)]).toEqual([0, tokens]);
    if (name === 'sqlite') expect(turns).toBeGreaterThanOrEqual(4);
  });
});
