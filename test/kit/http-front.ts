import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The public address of a server: passes on what comes, counts it, and may take a member out of metadata documents. */
export class HttpFront {
  /** `POST /oauth2/token` and the like. */
  readonly requests: string[] = [];
  private target = 0;

  private constructor(
    private readonly server: Server,
    private readonly hidden: string | undefined,
  ) {}

  static async open(hidden?: string): Promise<HttpFront> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const front = new HttpFront(server, hidden);
    front.serve();
    return front;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param port of the server behind it, on loopback */
  leadTo(port: number): void {
    this.target = port;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private serve(): void {
    this.server.on('request', (incoming, outgoing) => {
      const { method = 'GET', url = '/', headers } = incoming;
      this.requests.push(`${method} ${url}`);
      const passed = request(
        {
          ...{ host: '127.0.0.1', port: this.target, method, path: url },
          headers: { ...headers, 'accept-encoding': 'identity' },
        },
        (answer) => {
          if (this.hidden === undefined || !url.includes('/.well-known/')) {
            outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(outgoing);
            return;
          }
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const { [this.hidden ?? '']: _hidden, ...document } = JSON.parse(
              Buffer.concat(chunks).toString(),
            ) as Record<string, unknown>;
            outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
            outgoing.end(JSON.stringify(document));
          });
        },
      );
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }
}
