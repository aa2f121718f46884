import type { IncomingMessage } from 'node:http';

const addresses = new WeakMap<object, string>();

/** Remembers whom a request comes from, as the trusted proxies report it. */
export function setClientAddress(request: IncomingMessage, address: string): void {
  addresses.set(request, address);
}

/** Null: the request came another way. */
export function clientAddressOf(request: object): string | null {
  return addresses.get(request) ?? null;
}
