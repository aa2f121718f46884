import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { freePort } from '../kit/server-process.js';

const asUser = userInfo().uid === 0 ? ['--user=root'] : [];

/** A database server of the test's own, which it may kill and start again on the same folder and port. */
export class MysqlProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static get isAvailable(): boolean {
    return (find('mariadbd') ?? find('mysqld')) !== undefined;
  }

  static async create(): Promise<MysqlProcess> {
    const program = find('mariadbd') ?? find('mysqld');
    if (program === undefined) {
      throw new Error(
        'This test kills a database server of its own: install mariadb-server, or put mysqld into the PATH.',
      );
    }
    const folder = mkdtempSync(join(tmpdir(), 'firekeep-mysql-'));
    initialise(program, folder);
    const server = new MysqlProcess(program, folder, await freePort());
    await server.start();
    return server;
  }

  /** An empty database on it. */
  async database(name: string): Promise<string> {
    const connection = await createConnection({ uri: this.url });
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await connection.end();
    return `${this.url}${name}`;
  }

  /** Starts it and waits until it answers, crash recovery included. Every commit reaches the disk. */
  async start(): Promise<void> {
    this.child = spawn(
      this.program,
      [
        '--no-defaults',
        `--datadir=${this.folder}/data`,
        `--port=${this.port}`,
        '--bind-address=127.0.0.1',
        `--socket=${this.folder}/s.sock`,
        `--pid-file=${this.folder}/pid`,
        '--innodb-buffer-pool-size=128M',
        '--innodb-flush-log-at-trx-commit=1',
        `--log-error=${this.folder}/log`,
        ...asUser,
      ],
      { stdio: 'ignore' },
    );
    for (let attempt = 0; attempt < 1_200; attempt++) {
      if (this.child.exitCode !== null) throw new Error(`The database ended; ${this.folder}/log says why.`);
      try {
        const connection = await createConnection({ uri: this.url });
        await connection.end();
        return;
      } catch {
        await sleep(250);
      }
    }
    throw new Error('The database did not answer within 300 s.');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get url(): string {
    return `mysql://root@127.0.0.1:${this.port}/`;
  }
}

function find(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/libexec'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function initialise(program: string, folder: string): void {
  const installer = find('mariadb-install-db');
  const [command, args] =
    program.endsWith('mariadbd') && installer !== undefined
      ? [
          installer,
          [
            '--no-defaults',
            `--datadir=${folder}/data`,
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
          ],
        ]
      : [program, ['--no-defaults', '--initialize-insecure', `--datadir=${folder}/data`]];
  const { status, stderr } = spawnSync(command, [...args, ...asUser], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The database could not be set up: ${stderr}`);
}
