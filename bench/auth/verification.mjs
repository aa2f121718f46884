// Verifies tokens in a process of its own, and prints microseconds of CPU and statements of each.
//   node bench/auth/verification.mjs mysql://… [verifications]
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { root } from '../../scripts/prepare.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist', 'src', ...path.split('/'))).href);
const [{ createApplication }, { prepare }, { Settings }, { Logger }, { Database }] = await Promise.all(
  [
    'create-application.js',
    'prepare.js',
    'platform/config/index.js',
    'platform/logging/index.js',
    'platform/database/index.js',
  ].map(built),
);
const [{ TokenVerifier }, { TokenIssuer }, { EndpointRegistry }] = await Promise.all(
  ['trust/index.js', 'oauth2/index.js', 'endpoints/index.js'].map(built),
);

const [databaseUrl, count = '200000'] = process.argv.slice(2);
const fresh = 1000;
const settings = Settings.of({
  databaseUrl,
  secretKey: randomBytes(32).toString('base64'),
  adminPassword: 'bench-password-1',
  logLevel: 'silent',
});
const app = await createApplication(settings, Logger.of(settings));
await prepare(app);
const get = (type) => app.get(type, { strict: false });
const [verifier, issuer, database] = [get(TokenVerifier), get(TokenIssuer), get(Database)];
const endpoint = get(EndpointRegistry).defaultEndpoint();

let statements = [];
const query = database.query.bind(database);
database.query = (sql, ...rest) => {
  statements.push(sql.replaceAll(/\s+/g, ' '));
  return query(sql, ...rest);
};

/** @returns microseconds of CPU a token */
async function spent(tokens, times) {
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) {
    const { ok } = await verifier.verify(tokens[n % tokens.length], endpoint);
    if (!ok) throw new Error('A token is refused.');
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

const issue = async () => (await issuer.issue({ username: 'admin', ttl: 3600 })).accessToken;
const tokens = [];
for (let n = 0; n < fresh; n += 1) tokens.push(await issue());
// Compiled, and client and user known.
await spent([await issue()], 20_000);
await spent(tokens.splice(0, 200), 200);
statements = [];
const first = await spent(tokens, tokens.length);
const asked = statements.length / tokens.length;
const [sql] = statements.filter((text) => text.includes('oauth2_artifact'));
const known = await spent([await issue()], Number(count));
console.log(JSON.stringify({ known, fresh: first, statements: asked, sql }));
await app.close();
