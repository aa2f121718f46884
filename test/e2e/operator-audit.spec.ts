import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databases } from '../kit/databases.js';
import { runFirekeep, startServer, startServerAgain, type ServerProcess } from '../kit/server-process.js';

interface Event {
  readonly action: string;
  readonly subtype: readonly { readonly code: string }[];
  readonly agent: readonly {
    readonly who: { readonly display?: string; readonly identifier?: { readonly value: string } };
    readonly requestor: boolean;
  }[];
  readonly entity?: readonly {
    readonly what?: { readonly identifier?: { readonly value: string } };
    readonly query?: string;
  }[];
}

/** Action, subtype and object of an event, and the program that asked for it. */
function told({ action, subtype, agent, entity = [] }: Event): readonly (string | undefined)[] {
  const who = agent.find(({ requestor }) => requestor)?.who;
  const query = entity[0]?.query;
  return [
    action,
    subtype[0]?.code,
    query === undefined ? entity[0]?.what?.identifier?.value : Buffer.from(query, 'base64').toString(),
    who?.display ?? who?.identifier?.value,
  ];
}

describe.each(databases)('the record of what operators do, on $name', ({ create }) => {
  let server: ServerProcess;
  let token: string | undefined;
  afterAll(() => server?.stop());

  const run = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await runFirekeep(server.environment, args, input);
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    return stdout.trim();
  };

  const events = async (query: string): Promise<readonly (readonly (string | undefined)[])[]> => {
    token ??= await run(['token', 'watcher', '--scope', 'system/AuditEvent.rs']);
    const answer = await fetch(`${server.url}/fhir/r4/AuditEvent?${query}&_sort=_id&_count=100`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    const { entry = [] } = (await answer.json()) as { readonly entry?: readonly { resource: Event }[] };
    return entry.map(({ resource }) => told(resource));
  };

  it('has what the bootstrap file makes, once, and the first administrator', async () => {
    const url = await create();
    const path = join(mkdtempSync(join(tmpdir(), 'firekeep-operators-')), 'bootstrap.yaml');
    writeFileSync(
      path,
      [
        'roles:',
        '  - {name: desk, rules: [{types: [Patient], interactions: s}]}',
        'users:',
        '  - {username: dora, password: dora-has-a-password, roles: [desk]}',
        'clients:',
        '  - clientId: watcher',
        '    clientSecret: watcher-has-a-secret-1',
        '    clientName: Watcher',
        '    tokenEndpointAuthMethod: client_secret_basic',
        '    grantTypes: [client_credentials]',
        '    scope: system/AuditEvent.rs',
        'endpoints:',
        '  - {path: /desk/r4, repository: default, checks: bearer}',
      ].join('\n'),
    );
    server = await startServer(url, { FIREKEEP_BOOTSTRAP_FILE: path });
    await sleep(1_500);
    const file = `the bootstrap file ${path}`;
    const made = [
      ['C', '110129', 'roles/desk', file],
      ['C', '110137', 'users/dora', file],
      ['C', '110129', 'clients/watcher', file],
      ['C', '110129', 'endpoints/desk/r4', file],
      ['C', '110137', 'users/admin', 'the first start of this server'],
    ];
    expect(new Set(await events('action=C&type=110113'))).toEqual(new Set(made));

    await server.stop();
    server = await startServerAgain(server.environment);
    await sleep(1_500);
    expect(await events('action=C&type=110113')).toHaveLength(made.length);
  });

  it('has what the command line changes, and the tokens that it makes, without a password or secret', async () => {
    await run(['user', 'add', 'bob', '--role', 'practitioner'], 'bob-has-a-password\n');
    await run(['user', 'passwd', 'bob'], 'bob-has-another-password\n');
    await run(['token', 'bob', '--scope', 'user/Patient.rs']);
    await run(['user', 'disable', 'bob']);
    await run(['client', 'add', 'lab', '--grant-type', 'client_credentials', '--scope', 'system/Patient.rs']);
    await run(['client', 'rotate-secret', 'lab']);

    const changes = (await events('type=110113')).filter(([, , , program]) =>
      program?.startsWith('the command line, run by '),
    );
    expect(new Set(changes.map(([action, subtype, object]) => `${action} ${subtype} ${object}`))).toEqual(
      new Set([
        'C 110137 users/bob',
        'U 110137 users/bob/password',
        'U 110137 users/bob',
        'C 110129 clients/lab',
        'C 110129 clients/lab/rotate-secret',
      ]),
    );
    const tokens = await events('subtype=ITI-71&agent-name=bob');
    expect(tokens).toEqual([
      [
        'E',
        'ITI-71',
        expect.stringContaining('grant_type=command_line&client_id=firekeep-cli&scope=user%2FPatient.rs'),
        'bob',
      ],
    ]);
    const all = JSON.stringify(await events('type:missing=false'));
    for (const secret of ['bob-has', 'dora-has', 'watcher-has']) expect(all).not.toContain(secret);
  });

  it('has what the command line decides of registrations, which holds at once', async () => {
    const base = 'https://rs.example.net/fhir';
    const made = await run([
      ...['--json', 'initial-access-token', 'add', '--registers', 'resource-servers', '--base-url', base],
    ]);
    const { id, token: permission } = JSON.parse(made) as { id: string; token: string };
    const register = (metadata: object) =>
      fetch(`${server.url}/oauth2/register`, {
        method: 'POST',
        headers: { authorization: `Bearer ${permission}`, 'content-type': 'application/json' },
        body: JSON.stringify(metadata),
      });
    expect((await register({ redirect_uris: ['https://app.example.com/callback'] })).status).toBe(400);
    const registered = (await (await register({ resource: [base] })).json()) as Record<string, string>;
    const { client_id: clientId = '', registration_access_token: own = '' } = registered;
    const read = async (): Promise<number> =>
      (
        await fetch(`${server.url}/oauth2/register/${clientId}`, {
          headers: { authorization: `Bearer ${own}` },
        })
      ).status;
    expect(await read()).toBe(200);
    await run(['client', 'end-registration', clientId]);
    expect(await read()).toBe(401);
    const again = await runFirekeep(server.environment, ['client', 'end-registration', clientId]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('no registration access token')]);
    expect(await run(['initial-access-token', 'list'])).toContain(base);
    await run(['initial-access-token', 'revoke', id]);
    expect((await register({ resource: [base] })).status).toBe(401);

    const changes = (await events('type=110113')).map(([action, , object]) => `${action} ${object}`);
    expect(changes).toEqual(
      expect.arrayContaining([
        `C initial-access-tokens/${id}`,
        `D clients/${clientId}/registration-access-token`,
        `D initial-access-tokens/${id}`,
      ]),
    );
  });
});
