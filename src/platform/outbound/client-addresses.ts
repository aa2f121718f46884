import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { Settings } from '../config/index.js';

type Address = ReturnType<typeof ipaddr.process>;

const longest = 2048;
const localName = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * Which addresses this server calls because a client says so: https on public hosts, and what the setting
 * FIREKEEP_CLIENT_NETWORKS opens. Everything else would lead into the network that the server stands in.
 */
@Injectable()
export class ClientAddresses {
  private readonly opened: readonly ReturnType<typeof ipaddr.parseCIDR>[];

  constructor(settings: Settings) {
    this.opened = settings.get('clientNetworks').map((network) => ipaddr.parseCIDR(network));
  }

  /**
   * What is wrong with a URL, as far as can be seen without looking its name up: a name is resolved, and its
   * addresses are checked, when it is called.
   */
  problemOf(uri: string): string | undefined {
    if (uri.length > longest || !URL.canParse(uri)) return 'must be an absolute URL';
    const { protocol, hostname, username, password } = new URL(uri);
    if (username !== '' || password !== '') return 'must have no user and no password';
    if (uri.includes('#')) return 'must have no fragment';
    const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    const isLoopback = host === 'localhost' || (ipaddr.isValid(host) && isOfLoopback(ipaddr.process(host)));
    if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback && this.opensLoopback())) {
      return 'must be an https URL of a public host';
    }
    if (ipaddr.isValid(host)) return this.allows(host) ? undefined : 'must be an https URL of a public host';
    const isPublicName = host.includes('.') && !localName.test(host);
    return isPublicName || this.opened.length > 0 ? undefined : 'must be an https URL of a public host';
  }

  /** @param address IPv4 or IPv6; a mapped IPv4 address counts as what it stands for. */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return isPublic(parsed) || this.opened.some((network) => isWithin(parsed, network));
  }

  private opensLoopback(): boolean {
    return this.allows('127.0.0.1') || this.allows('::1');
  }
}

/** Global unicast is 2000::/3; what is outside, such as `::127.0.0.1`, has no business on the Internet. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || ((address.toByteArray()[0] ?? 0) & 0xe0) === 0x20;
}

function isOfLoopback(address: Address): boolean {
  return address.range() === 'loopback';
}

function isWithin(address: Address, network: ReturnType<typeof ipaddr.parseCIDR>): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}
