import { generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate made for a test, with its key; PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface TestCertificateOptions {
  readonly name: string;
  /** Undefined: signed by itself. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
  /** DNS names and IPv4 addresses. */
  readonly alternativeNames?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
}

const day = 86_400_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128 ? Buffer.of(body.length) : Buffer.of(0x82, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const boolean = (value: boolean): Buffer => der(0x01, Buffer.of(value ? 0xff : 0));
const octets = (content: Buffer): Buffer => der(0x04, content);
const bits = (content: Buffer): Buffer => der(0x03, Buffer.of(0), content);
const nameOf = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const timeOf = (date: Date): Buffer => der(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')));
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

function extensions(options: TestCertificateOptions): Buffer {
  const list = [
    sequence(
      oid('551d13'),
      boolean(true),
      octets(options.isAuthority === true ? sequence(boolean(true)) : sequence()),
    ),
  ];
  if (options.alternativeNames !== undefined) {
    const names = options.alternativeNames.map((name) =>
      /^[\d.]+$/.test(name)
        ? der(0x87, Buffer.from(name.split('.').map(Number)))
        : der(0x82, Buffer.from(name)),
    );
    list.push(sequence(oid('551d11'), octets(sequence(...names))));
  }
  return der(0xa3, sequence(...list));
}

/** A certificate with an EC P-256 key (RFC 5280 section 4.1). */
export function makeCertificate(options: TestCertificateOptions): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, serial),
    ecdsaWithSha256,
    nameOf(options.issuer?.name ?? options.name),
    sequence(
      timeOf(options.from ?? new Date(Date.now() - day)),
      timeOf(options.to ?? new Date(Date.now() + day)),
    ),
    nameOf(options.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(options),
  );
  const signature = sign('sha256', content, options.issuer?.privateKey ?? privateKey);
  const certificate = new X509Certificate(sequence(content, ecdsaWithSha256, bits(signature))).toString();
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate, key, name: options.name, privateKey };
}

/** An authority, and a server certificate for localhost and 127.0.0.1 by it. */
export function makeAuthority(name = 'Test authority'): {
  readonly authority: TestCertificate;
  readonly server: TestCertificate;
} {
  const authority = makeCertificate({ name, isAuthority: true });
  const server = makeCertificate({
    name: 'localhost',
    issuer: authority,
    alternativeNames: ['localhost', '127.0.0.1'],
  });
  return { authority, server };
}
