import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { cleanText } from '../../platform/text/index.js';
import type { TlsMaterial } from './tls-material.js';

const maximumChain = 10;

/**
 * The certificates that a server shows, its own first. Only to explain a handshake that has failed: nothing is
 * sent over this connection, which is why it may go without verification.
 */
export function probeCertificates(
  url: URL,
  tls: TlsMaterial | null,
  timeout: number,
): Promise<readonly X509Certificate[]> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: url.port === '' ? 443 : Number(url.port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      ...(tls === null ? {} : { minVersion: tls.minVersion }),
      ...(tls?.ca == null ? {} : { ca: tls.ca }),
    });
    const finish = (chain: readonly X509Certificate[]): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(chain);
    };
    const timer = setTimeout(() => finish([]), timeout);
    socket.once('error', () => finish([]));
    socket.once('close', () => finish([]));
    socket.once('secureConnect', () => finish(chainOf(socket.getPeerX509Certificate())));
  });
}

function chainOf(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let current = leaf;
  while (current !== undefined && chain.length < maximumChain) {
    chain.push(current);
    const next: X509Certificate | undefined = current.issuerCertificate;
    current = next?.fingerprint256 === current.fingerprint256 ? undefined : next;
  }
  return chain;
}

/** `subject CN=a, issuer CN=b, valid from … to …` */
export function describeCertificate(certificate: X509Certificate): string {
  const name = (text: string): string => cleanText(text.split('\n').reverse().join(', '));
  return (
    `subject ${name(certificate.subject)}, issuer ${name(certificate.issuer)}, ` +
    `valid from ${certificate.validFrom} to ${certificate.validTo}`
  );
}
