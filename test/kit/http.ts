import { Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface HttpCall {
  readonly url: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** An object is sent as JSON. */
  readonly payload?: string | Buffer | object;
  /** The address that the server is to see, where it is not to be that of this machine. */
  readonly remoteAddress?: string;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly rawPayload: Buffer;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters -- the test knows
  json<T = any>(): T;
}

const agent = new Agent({ keepAlive: true, scheduling: 'fifo' });
/** By the port that the client's end of a connection has: what the server is to take its address for. */
const pretended = new Map<number, string>();

/** Listens on a port of this machine; 0: any that is free. */
export async function listen(app: NestFastifyApplication, port = 0): Promise<NestFastifyApplication> {
  const server = app.getHttpServer();
  server.on('connection', pretendAddress);
  await app.listen(port, '127.0.0.1');
  return app;
}

/** One request by a socket to an application that listens. The target is sent as it is written, dots and all. */
export async function send(app: NestFastifyApplication, call: HttpCall): Promise<HttpAnswer> {
  const server = app.getHttpServer();
  const { port } = server.address() as AddressInfo;
  const { payload, remoteAddress } = call;
  const body = typeof payload === 'object' && !Buffer.isBuffer(payload) ? JSON.stringify(payload) : payload;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      ...{ host: '127.0.0.1', port, path: call.url, method: call.method ?? 'GET' },
      headers: {
        host: `localhost:${port}`,
        ...(body === payload ? {} : { 'content-type': 'application/json' }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...call.headers,
      },
      agent,
    });
    request.on('socket', (socket) => pretend(socket, remoteAddress));
    request.on('error', reject);
    request.on('response', (response) => {
      buffer(response).then((rawPayload) => {
        const text = rawPayload.toString();
        resolve({
          ...{ statusCode: response.statusCode ?? 0, headers: response.headers, body: text, rawPayload },
          json: () => JSON.parse(text) as never,
        });
      }, reject);
    });
    request.end(body);
  });
}

/** Connections are kept, and carry one request at a time: what is pretended is for this one. */
function pretend(socket: Socket, address: string | undefined): void {
  if (socket.connecting) socket.once('connect', () => pretend(socket, address));
  else if (address === undefined) pretended.delete(socket.localPort ?? 0);
  else pretended.set(socket.localPort ?? 0, address);
}

function pretendAddress(socket: Socket): void {
  const { remoteAddress, remotePort = 0 } = socket;
  Object.defineProperty(socket, 'remoteAddress', {
    get: () => pretended.get(remotePort) ?? remoteAddress,
  });
}
