import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where Debian has Apache's modules. */
const modules = '/usr/lib/apache2/modules';
const nobody = 65534;

/** One port of an Apache, and what is said of it. */
export interface Site {
  readonly port: number;
  readonly directives: string;
}

/** Apache as a process of nobody, with nothing but the modules that mod_auth_openidc and a proxy need. */
export class Apache {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param files by name; `\${FOLDER}` in the directives is where they are. */
  static async start(sites: readonly Site[], files: Readonly<Record<string, string>> = {}): Promise<Apache> {
    const folder = mkdtempSync(join(tmpdir(), 'firekeep-apache-'));
    const owned = [folder, join(folder, 'run')];
    mkdirSync(join(folder, 'run'));
    for (const [name, content] of Object.entries({ ...files, 'apache.conf': configuration(folder, sites) })) {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      owned.push(join(folder, name));
    }
    const asNobody = process.getuid?.() === 0;
    if (asNobody) for (const path of owned) chownSync(path, nobody, nobody);
    const child = spawn(
      process.env.FIREKEEP_TEST_APACHE ?? '/usr/sbin/apache2',
      ['-f', join(folder, 'apache.conf'), '-d', folder, '-DFOREGROUND'],
      { cwd: folder, stdio: 'ignore', env: {}, ...(asNobody ? { uid: nobody, gid: nobody } : {}) },
    );
    const apache = new Apache(child, folder);
    try {
      for (const { port } of sites) await apache.waitFor(port);
    } catch (error) {
      await apache.stop();
      throw error;
    }
    return apache;
  }

  /** What it logged so far. */
  log(): string {
    const file = join(this.folder, 'error.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async waitFor(port: number): Promise<void> {
    for (let attempt = 0; attempt < 1_200; attempt += 1) {
      if (this.child.exitCode !== null) throw new Error(`Apache ended: ${this.log()}`);
      const answers = await new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve(true);
        }).once('error', () => resolve(false));
      });
      if (answers) return;
      await sleep(100);
    }
    throw new Error(`Apache does not answer at ${port}: ${this.log()}`);
  }
}

function configuration(folder: string, sites: readonly Site[]): string {
  const loaded = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'auth_openidc',
    'proxy',
    'proxy_http',
  ];
  return [
    `Define FOLDER ${folder}`,
    'ServerName 127.0.0.1',
    `DefaultRuntimeDir ${folder}/run`,
    `PidFile ${folder}/run/pid`,
    `ErrorLog ${folder}/error.log`,
    'LogLevel warn',
    ...loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    'StartServers 1\nServerLimit 1\nThreadsPerChild 16\nMaxRequestWorkers 16\nMinSpareThreads 1',
    '<Location />\n  Require all denied\n</Location>',
    ...sites.map(
      ({ port, directives }) =>
        `Listen 127.0.0.1:${port}\n<VirtualHost 127.0.0.1:${port}>\nServerName 127.0.0.1\n${directives}\n</VirtualHost>`,
    ),
    '',
  ].join('\n');
}
