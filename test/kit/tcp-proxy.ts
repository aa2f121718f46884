import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Decides on what a client sends: pass it on, or break the connection before or after it is passed on. */
export type ProxyRule = (data: Buffer) => 'pass' | 'break-before' | 'break-after';

/** Stands between a client and a server, and breaks connections at the moment that a test chooses. */
export class TcpProxy {
  rule: ProxyRule = () => 'pass';
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private chosenPort = 0;

  constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  get port(): number {
    return this.chosenPort;
  }

  /** Listens; again on the same port after `close`. */
  async listen(): Promise<void> {
    const server = createServer((client) => this.serve(client));
    await new Promise<void>((resolve) => server.listen(this.chosenPort, '127.0.0.1', resolve));
    this.chosenPort = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Breaks every connection and takes no more. */
  async close(): Promise<void> {
    const { server } = this;
    for (const socket of this.sockets) socket.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    this.server = undefined;
  }

  private serve(client: Socket): void {
    const upstream = connect(this.target);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (data) => {
      const decision = this.rule(data);
      if (decision === 'break-before') client.destroy();
      else if (decision === 'pass') upstream.write(data);
      else {
        client.destroySoon();
        upstream.unpipe(client);
        // Left open long enough for the server to do what it was told.
        upstream.removeAllListeners('close');
        upstream.end(data);
      }
    });
  }
}
