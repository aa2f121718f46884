import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { FieldErrors } from '../../platform/errors/index.js';
import { cleanText } from '../../platform/text/index.js';
import type { CertificateSummary } from './tls-configuration.js';

const maximumBytes = 1024 * 1024;
const maximumCertificates = 500;
const block = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text; what is wrong goes to `errors` under `field`. */
export function parseCertificates(pem: string, field: string, errors: FieldErrors): X509Certificate[] {
  if (pem.length > maximumBytes) {
    errors.add(field, `Longer than ${maximumBytes / 1024} KiB.`);
    return [];
  }
  if (pem.includes('PRIVATE KEY-----')) {
    errors.add(field, 'Contains a private key, which does not belong here.');
    return [];
  }
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0) {
    errors.add(field, 'Is not PEM: there is no -----BEGIN CERTIFICATE----- block in it.');
    return [];
  }
  if (blocks.length > maximumCertificates) {
    errors.add(field, `More than ${maximumCertificates} certificates.`);
    return [];
  }
  const certificates: X509Certificate[] = [];
  for (const [index, text] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(text));
    } catch {
      errors.add(field, `Certificate ${index + 1} of ${blocks.length} can't be read.`);
      return [];
    }
  }
  return certificates;
}

/** The client's key; what is wrong goes to `errors`. */
export function parseKey(pem: string, errors: FieldErrors): KeyObject | undefined {
  if (pem.length > 64 * 1024) {
    errors.add('key', 'Longer than 64 KiB.');
    return undefined;
  }
  if (pem.includes('ENCRYPTED')) {
    errors.add('key', 'Has a passphrase. Take it off with: openssl pkey -in key.pem -out plain.pem');
    return undefined;
  }
  try {
    return createPrivateKey(pem);
  } catch {
    errors.add('key', 'Is not a private key in PEM.');
    return undefined;
  }
}

/** Both or none, and they belong together. */
export function checkKeyPair(certificate: string | null, key: string | null, errors: FieldErrors): void {
  if (certificate === null && key === null) return;
  if (certificate === null || key === null) {
    errors.add(
      certificate === null ? 'certificate' : 'key',
      'A client certificate and its key come and go together.',
    );
    return;
  }
  const [leaf] = parseCertificates(certificate, 'certificate', errors);
  const keyObject = parseKey(key, errors);
  if (leaf === undefined || keyObject === undefined) return;
  errors.when(
    !leaf.checkPrivateKey(keyObject),
    'key',
    `Does not belong to the first certificate (subject ${distinguishedName(leaf.subject)}).`,
  );
}

export function summaries(pem: string | null): CertificateSummary[] {
  return pem === null ? [] : (pem.match(block) ?? []).map((text) => summary(new X509Certificate(text)));
}

function summary(certificate: X509Certificate): CertificateSummary {
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  const now = Date.now();
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    validFrom: from.toISOString(),
    validTo: to.toISOString(),
    state: to.getTime() < now ? 'expired' : from.getTime() > now ? 'not-yet-valid' : 'valid',
    fingerprint: certificate.fingerprint256,
  };
}

function distinguishedName(text: string | undefined): string {
  return cleanText((text ?? '').split('\n').reverse().join(', '));
}
