import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import type { Database } from '../../../src/platform/database/index.js';
import { ServerDescriptionsService, TlsConfigurationsService } from '../../../src/trust/index.js';
import { makeAuthority, makeCertificate } from '../../kit/certificates.js';
import { databases } from '../../kit/databases.js';
import { openTrust } from '../../kit/trust-application.js';

const { authority, server } = makeAuthority();
const client = makeCertificate({ name: 'firekeep', issuer: authority });

describe.each(databases)('TLS configurations on $name', (kind) => {
  let app: INestApplicationContext;
  let database: Database;
  let service: TlsConfigurationsService;

  beforeAll(async () => {
    ({ app, database } = await openTrust({ databaseUrl: await kind.create() }));
    service = app.get(TlsConfigurationsService);
  });
  afterAll(() => app.close());

  it('shows the certificates with their validity, and never the key', async () => {
    const created = await service.create({
      name: 'hospital',
      ca: authority.certificate,
      certificate: client.certificate,
      key: client.key,
      minVersion: 'TLSv1.3',
    });
    expect(created).toMatchObject({
      name: 'hospital',
      minVersion: 'TLSv1.3',
      hasKey: true,
      version: 1,
      caCertificates: [{ subject: 'CN=Test authority', state: 'valid' }],
      clientCertificates: [{ subject: 'CN=firekeep', issuer: 'CN=Test authority' }],
    });
    expect(JSON.stringify([await service.get('hospital'), await service.list()])).not.toContain('PRIVATE');
  });

  it('stores the key sealed', async () => {
    const [row] = await database.query('SELECT * FROM tls_configuration WHERE name = ?', ['hospital']);
    expect(Buffer.isBuffer(row?.sealed_key)).toBe(true);
    expect(JSON.stringify(row)).not.toContain('PRIVATE');
    expect((row?.sealed_key as Buffer).toString('latin1')).not.toContain('PRIVATE');
  });

  it('refuses a name that is taken', async () => {
    await expect(service.create({ name: 'hospital' })).rejects.toMatchObject({ code: 'TRUST_TLS_EXISTS' });
  });

  it.each([
    ['a bundle that is not PEM', { ca: 'hello' }, 'ca'],
    [
      'a damaged certificate',
      { ca: authority.certificate.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA') },
      'ca',
    ],
    ['a private key among the authorities', { ca: server.key }, 'ca'],
    ['a certificate without key', { certificate: client.certificate }, 'key'],
    ['a key without certificate', { key: client.key }, 'certificate'],
    ['a key of another certificate', { certificate: client.certificate, key: server.key }, 'key'],
    ['an old protocol version', { minVersion: 'TLSv1.1' as never }, 'minVersion'],
  ])('refuses %s and names the field', async (_what, changes, field) => {
    await expect(service.create({ name: 'other', ...changes })).rejects.toMatchObject({
      code: 'TRUST_TLS_INVALID',
      category: 'invalid',
      issues: expect.arrayContaining([expect.objectContaining({ expression: field })]),
    });
  });

  it('keeps an expired certificate and says that it is expired', async () => {
    const old = makeCertificate({ name: 'old', isAuthority: true, to: new Date(Date.now() - 1000) });
    const created = await service.create({ name: 'old', ca: old.certificate });
    expect(created.caCertificates[0]?.state).toBe('expired');
  });

  it('changes what is given and counts the version up', async () => {
    const changed = await service.update('hospital', { minVersion: 'TLSv1.2' }, 1);
    expect(changed).toMatchObject({ version: 2, minVersion: 'TLSv1.2', hasKey: true });
    const without = await service.update('hospital', { certificate: null, key: null }, 2);
    expect(without).toMatchObject({ version: 3, hasKey: false, clientCertificates: [] });
  });

  it('refuses a change of an older version', async () => {
    await expect(service.update('hospital', { ca: null }, 1)).rejects.toMatchObject({
      code: 'TRUST_VERSION_MISMATCH',
      category: 'precondition-failed',
    });
  });

  it('lets one of two changes at once win', async () => {
    await service.create({ name: 'race' });
    const results = await Promise.allSettled([
      service.update('race', { minVersion: 'TLSv1.3' }, 1),
      service.update('race', { ca: authority.certificate }, 1),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is not removed while something uses it', async () => {
    const servers = app.get(ServerDescriptionsService);
    const description = await servers.apply({ issuer: 'https://as.example.org', tls: 'hospital' });
    await expect(service.remove('hospital')).rejects.toMatchObject({ code: 'TRUST_TLS_IN_USE' });
    await servers.remove(description.id);
    await service.remove('hospital');
    await expect(service.get('hospital')).rejects.toMatchObject({ code: 'TRUST_TLS_NOT_FOUND' });
  });

  it('reads the files of the bootstrap when it is applied, and writes only what is different', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'firekeep-tls-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const files = {
      name: 'files',
      caFile: file('ca.pem', authority.certificate),
      certFile: file('client.pem', client.certificate),
      keyFile: file('client.key', client.key),
    };
    expect(await service.apply(files)).toMatchObject({ version: 1, hasKey: true });
    expect(await service.apply(files)).toMatchObject({ version: 1 });
    file('ca.pem', makeAuthority('Another').authority.certificate);
    expect(await service.apply(files)).toMatchObject({
      version: 2,
      caCertificates: [{ subject: 'CN=Another' }],
    });
    await expect(service.apply({ name: 'files', caFile: '/nowhere/ca.pem' })).rejects.toMatchObject({
      code: 'TRUST_TLS_FILE_UNREADABLE',
      message: expect.stringContaining('/nowhere/ca.pem'),
    });
  });
});
