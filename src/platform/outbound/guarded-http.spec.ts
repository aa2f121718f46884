import dns from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Settings } from '../config/index.js';
import { ClientAddresses } from './client-addresses.js';
import { GuardedHttp } from './guarded-http.js';

const guarded = (...clientNetworks: string[]): GuardedHttp =>
  new GuardedHttp(new ClientAddresses(Settings.of({ clientNetworks })));

describe('requests to addresses of clients', () => {
  let server: Server;
  let asked = 0;
  let listener: RequestListener;
  const url = (host = '127.0.0.1'): string => `http://${host}:${(server.address() as AddressInfo).port}/jwks`;

  beforeEach(async () => {
    asked = 0;
    listener = (_request, response) => response.end('{"keys":[]}');
    server = createServer((request, response) => {
      asked += 1;
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    jest.restoreAllMocks();
    server.closeAllConnections();
    server.close();
  });

  it('get through where the network is opened', async () => {
    const http = guarded('127.0.0.0/8');
    listener = (_request, response) => response.setHeader('cache-control', 'no-store').end('{}');
    expect(await http.send({ url: url() })).toEqual({ status: 200, cacheControl: 'no-store', text: '{}' });
    await http.onApplicationShutdown();
  });

  it('are not made where it is not', async () => {
    await expect(guarded().send({ url: url() })).rejects.toThrow('public host');
    expect(asked).toBe(0);
  });

  it('are not made to a name that leads to a private address, whatever else it leads to', async () => {
    const { port } = server.address() as AddressInfo;
    const answers = [
      { address: '127.0.0.1', family: 4 },
      { address: '93.184.215.14', family: 4 },
    ];
    let connected = 0;
    server.on('connection', () => (connected += 1));
    jest
      .spyOn(dns, 'lookup')
      .mockImplementation(((_name: string, _options: object, callback: (...parts: unknown[]) => void) =>
        callback(null, answers)) as never);
    const refused = guarded('10.0.0.0/8').send({ url: `https://rebind.example.org:${port}/` });
    await expect(refused).rejects.toThrow('leads to an address that is not public');
    expect(connected).toBe(0);
  });

  it('do not follow redirects', async () => {
    listener = (request, response) =>
      request.url === '/jwks'
        ? response.writeHead(302, { location: '/elsewhere' }).end()
        : response.end('reached');
    expect(await guarded('127.0.0.0/8').send({ url: url() })).toMatchObject({ status: 302 });
    expect(asked).toBe(1);
  });

  it('end with an answer that is too large', async () => {
    listener = (_request, response) => response.end(Buffer.alloc(65 * 1024, 0x20));
    await expect(guarded('127.0.0.0/8').send({ url: url() })).rejects.toThrow('larger than');
  });

  it('end with a body that does not', async () => {
    const trickle: NodeJS.Timeout[] = [];
    listener = (_request, response) => {
      response.write('{');
      trickle.push(setInterval(() => response.write(' '), 100));
    };
    await expect(guarded('127.0.0.0/8').send({ url: url() })).rejects.toThrow();
    trickle.forEach((timer) => clearInterval(timer));
  });
});
