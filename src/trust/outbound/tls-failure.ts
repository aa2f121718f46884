import type { X509Certificate } from 'node:crypto';
import { describeCertificate } from './certificate-probe.js';
import { cleanText } from '../../platform/text/index.js';
import type { TlsMaterial } from './tls-material.js';

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

const certificateCodes =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/** Whether the failure is about a certificate that the other server showed. */
export function isCertificateCode(code: string): boolean {
  return certificateCodes.test(code);
}

export function isTlsCode(code: string): boolean {
  return isCertificateCode(code) || /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/.test(code);
}

export interface TlsFailure {
  readonly code: string;
  readonly message: string;
  readonly host: string;
  readonly tls: TlsMaterial | null;
  /** What the server showed, its own certificate first; empty where it could not be had. */
  readonly chain: readonly X509Certificate[];
}

/** Which certificate, why, and what to do, in sentences. */
export function explainTlsFailure(failure: TlsFailure): string {
  return `TLS with ${failure.host} failed: ${isCertificateCode(failure.code) ? certificateReason(failure) : protocolReason(failure)}`;
}

function certificateReason({ code, message, host, tls, chain }: TlsFailure): string {
  const bundle = tls === null ? 'a TLS configuration' : `the TLS configuration "${tls.name}"`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const now = Date.now();
    const expired = code === 'CERT_HAS_EXPIRED';
    const culprit = chain.find((one) =>
      expired ? Date.parse(one.validTo) < now : Date.parse(one.validFrom) > now,
    );
    return (
      `a certificate ${expired ? 'has expired' : 'is not valid yet'}${shown(culprit ?? chain[0])}. ` +
      'Renew it there, and check the clocks of both servers.'
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    const names = chain[0]?.subjectAltName;
    return (
      `its certificate is for other names${names === undefined ? '' : ` (${cleanText(names)})`}${shown(chain[0])}. ` +
      `Enter a name that the certificate has, or have one made for ${host}.`
    );
  }
  if (untrusted.has(code)) {
    return (
      `its certificate comes from an authority that is not trusted here${shown(chain.at(-1))} (${code}). ` +
      `Add the certificate of that authority to the CA bundle of ${bundle}, and have the server send its intermediate certificates.`
    );
  }
  return `its certificate is refused (${code}: ${cleanText(message)})${shown(chain[0])}. Have the certificate replaced.`;
}

function protocolReason({ code, message, tls }: TlsFailure): string {
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|INTERNAL_ERROR/.test(code)) {
    return (
      `no common protocol version; at least ${tls?.minVersion ?? 'TLSv1.2'} is asked for here. ` +
      'Enable a newer version there, or lower the minimum version of the TLS configuration.'
    );
  }
  if (
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(
      code + message.toUpperCase().replaceAll(' ', '_'),
    )
  ) {
    return 'what answers there does not speak TLS. Check the port, and that it is the https address.';
  }
  if (/CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED/.test(code)) {
    return tls?.certificate == null
      ? `the server ends the handshake (${code}); it may ask for a client certificate. Enter one in a TLS configuration.`
      : `the server refuses the client certificate of the TLS configuration "${tls.name}" (${code}). ` +
          'Check that it is valid and that the server trusts its authority.';
  }
  return `${cleanText(message)} (${code}). Check that the server offers TLS 1.2 or newer with usual cipher suites.`;
}

function shown(certificate: X509Certificate | undefined): string {
  return certificate === undefined ? '' : `: ${describeCertificate(certificate)}`;
}
