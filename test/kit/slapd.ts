import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'ldapts';
import { freePort } from './server-process.js';

/** Where Debian has what belongs to slapd. */
const modules = '/usr/lib/ldap';
const schemas = '/etc/ldap/schema';

export const suffix = 'dc=clinic,dc=example';
/** May change everything. */
export const manager = { dn: `cn=manager,${suffix}`, password: 'manager secret' } as const;

export interface SlapdOptions {
  /** How it is reached: StartTLS belongs to `ldap`. */
  readonly scheme?: 'ldap' | 'ldaps';
  /** PEM; undefined: it has no TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** An OpenLDAP server with a folder and a port of its own. */
export class Slapd {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly scheme: 'ldap' | 'ldaps',
  ) {}

  /** @param ldif what is in it at first */
  static async start(ldif: string, { scheme = 'ldap', tls }: SlapdOptions = {}): Promise<Slapd> {
    const folder = mkdtempSync(join(tmpdir(), 'firekeep-slapd-'));
    // Profiles of AppArmor go by the path of the program, and its would allow no folder but that of the system's server.
    copyFileSync(process.env.FIREKEEP_TEST_SLAPD ?? '/usr/sbin/slapd', join(folder, 'slapd'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'slapd.conf'), configuration(folder, tls !== undefined));
    writeFileSync(join(folder, 'first.ldif'), ldif);
    if (tls !== undefined) {
      writeFileSync(join(folder, 'server.pem'), tls.certificate);
      writeFileSync(join(folder, 'server.key'), tls.key, { mode: 0o600 });
    }
    const loading = ['-Tadd', '-f', join(folder, 'slapd.conf'), '-l', join(folder, 'first.ldif')];
    const { status, stderr } = spawnSync(join(folder, 'slapd'), loading, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`slapd could not be filled: ${stderr}`);
    const slapd = new Slapd(folder, await freePort(), scheme);
    await slapd.startAgain();
    return slapd;
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  /** On the same port, with what it had. */
  async startAgain(): Promise<void> {
    const config = join(this.folder, 'slapd.conf');
    this.child = spawn(join(this.folder, 'slapd'), ['-f', config, '-h', `${this.url}/`, '-d', '0'], {
      cwd: this.folder,
      stdio: 'ignore',
      env: {},
    });
    for (let attempt = 0; attempt < 2_400; attempt += 1) {
      if (this.child.exitCode !== null) throw new Error('slapd ended at once');
      if (await this.answers()) return;
      await sleep(50);
    }
    throw new Error('slapd did not answer within 120 s');
  }

  /** The process ends; what it has stays. */
  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Changes what it has. */
  async change(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: this.url });
    try {
      await client.bind(manager.dn, manager.password);
      await work(client);
    } finally {
      await client.unbind();
    }
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const end = (isThere: boolean): void => {
        socket.destroy();
        resolve(isThere);
      };
      socket.once('connect', () => end(true)).once('error', () => end(false));
    });
  }
}

function configuration(folder: string, isSecure: boolean): string {
  const tls = isSecure
    ? [`TLSCertificateFile ${folder}/server.pem`, `TLSCertificateKeyFile ${folder}/server.key`]
    : [];
  return [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include ${schemas}/${name}.schema`),
    `pidfile ${folder}/pid`,
    `modulepath ${modules}`,
    'moduleload back_mdb',
    ...tls,
    // As careless as LDAP lets a server be: a name without a password binds, as nobody in particular.
    'allow bind_anon_dn',
    'database mdb',
    `directory ${folder}/data`,
    `suffix "${suffix}"`,
    `rootdn "${manager.dn}"`,
    `rootpw "${manager.password}"`,
    'index uid,member eq',
    'access to attrs=userPassword by self =xw by anonymous auth by * none',
    `access to * by dn.exact="cn=reader,${suffix}" read by self read by * none`,
    '',
  ].join('\n');
}
