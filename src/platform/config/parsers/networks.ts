import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { invalidSetting } from '../invalid-setting.js';

/** A network such as 10.1.0.0/16. */
export function network(text: string): string {
  if (!ipaddr.isValidCIDR(text)) throw invalidSetting('must be a list of networks such as 10.1.0.0/16');
  return text;
}

/** Names that Fastify knows for networks: https://fastify.dev/docs/latest/Reference/Server/#trustproxy */
const namedNetworks = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * An address, a network by its length or IPv4 mask, or a name that Fastify knows. Everything, `/0`, is none: then any
 * client could say where it is.
 */
export function trustedProxy(text: string): string {
  if (namedNetworks.includes(text)) return text;
  const [address = '', length, ...rest] = text.split('/');
  const wrong = invalidSetting('must be a list of addresses and networks such as 172.30.0.0/24');
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) throw wrong;
  if (length === undefined) return text;
  const bits = bitsOf(length, isIPv4(address));
  if (bits === null || bits < 1 || bits > (isIPv4(address) ? 32 : 128)) throw wrong;
  return text;
}

/** @returns null for what is no length */
function bitsOf(length: string, isVersion4: boolean): number | null {
  if (/^\d{1,3}$/.test(length)) return Number(length);
  return isVersion4 && isIPv4(length) ? ipaddr.IPv4.parse(length).prefixLengthFromSubnetMask() : null;
}

const hostName =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** An address or a name to listen on. */
export function host(text: string): string {
  if (isIP(text) === 0 && !hostName.test(text)) {
    throw invalidSetting('must be an address such as 127.0.0.1, or a host name');
  }
  return text;
}
