import { Settings } from '../config/index.js';
import { ClientAddresses } from './client-addresses.js';

const closed = new ClientAddresses(Settings.of());
const opened = new ClientAddresses(
  Settings.of({ clientNetworks: ['127.0.0.0/8', '::1/128', '10.1.0.0/16'] }),
);

describe('addresses that a client gives', () => {
  it.each([
    'https://127.0.0.1/jwks',
    'https://127.1/jwks',
    'https://2130706433/jwks',
    'https://0x7f.0.0.1/jwks',
    'https://0177.0.0.1/jwks',
    'https://10.1.2.3/jwks',
    'https://192.168.0.1/jwks',
    'https://172.16.0.1/jwks',
    'https://169.254.169.254/latest',
    'https://100.64.0.1/jwks',
    'https://198.18.0.1/jwks',
    'https://224.0.0.1/jwks',
    'https://255.255.255.255/jwks',
    'https://0.0.0.0/jwks',
    'https://[::]/jwks',
    'https://[::1]/jwks',
    'https://[::127.0.0.1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://[64:ff9b::7f00:1]/jwks',
    'https://[2002:7f00:1::]/jwks',
    'https://[fe80::1]/jwks',
    'https://[fec0::1]/jwks',
    'https://[fd00::1]/jwks',
    'https://[ff02::1]/jwks',
    'https://localhost/jwks',
    'https://localhost./jwks',
    'https://LOCALHOST/jwks',
    'https://x.localhost/jwks',
    'https://intranet/jwks',
    'https://db.internal/jwks',
    'https://printer.local/jwks',
    'https://user:pass@app.example.org/jwks',
    'http://app.example.org/jwks',
    'file:///etc/passwd',
    'gopher://app.example.org/',
    'https://app.example.org/jwks#x',
    '//app.example.org/jwks',
    `https://app.example.org/${'a'.repeat(2100)}`,
  ])('do not lead to %s', (uri) => expect(closed.problemOf(uri)).toBeDefined());

  it.each(['https://app.example.org/jwks', 'https://93.184.215.14/jwks', 'https://[2606:4700::1111]/jwks'])(
    'lead to %s',
    (uri) => expect(closed.problemOf(uri)).toBeUndefined(),
  );

  it('lead to networks that the setting opens, without TLS on loopback only', () => {
    expect(opened.problemOf('https://10.1.2.3/jwks')).toBeUndefined();
    expect(opened.problemOf('http://127.0.0.1:9000/jwks')).toBeUndefined();
    expect(opened.problemOf('http://localhost:9000/jwks')).toBeUndefined();
    expect(opened.problemOf('https://intranet/jwks')).toBeUndefined();
    expect(opened.problemOf('http://10.1.2.3/jwks')).toBeDefined();
    expect(opened.problemOf('https://10.2.0.1/jwks')).toBeDefined();
    expect(opened.problemOf('https://169.254.169.254/')).toBeDefined();
  });

  it('count as what they stand for where they are mapped', () => {
    expect(opened.allows('::ffff:10.1.0.1')).toBe(true);
    expect(opened.allows('::ffff:10.2.0.1')).toBe(false);
    expect(closed.allows('nonsense')).toBe(false);
  });
});
