// Serves the sample app: node examples/smart-app/serve.mjs [--port 9000] [--client smart-app-example] [--server URL …]
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9000' },
    client: { type: 'string', default: 'smart-app-example' },
    server: { type: 'string', multiple: true, default: ['http://localhost:8080/fhir/r4'] },
  },
});
const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
const here = (name) => new URL(name, import.meta.url).href;
const pages = ['index.html', 'launch.html', 'fhirclient.html', 'fhirclient-launch.html'];
const scripts = [
  ...['app.js', 'launch.js', 'smart.js', 'configuration.js', 'chart.js'],
  ...['fhirclient.js', 'fhirclient-launch.js'],
];
const files = new Map([
  ...[...pages, ...scripts, 'style.css'].map((name) => [name, here(name)]),
  ['fhir-client.js', import.meta.resolve('fhirclient/build/fhir-client.js')],
]);
const origins = [...new Set(values.server.map((server) => new URL(server).origin))];
const headers = {
  'content-security-policy':
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' ${origins.join(' ')}; ` +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://app');
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  if (name === 'configuration.json') {
    response.writeHead(200, { ...headers, 'content-type': 'application/json' });
    response.end(JSON.stringify({ clientId: values.client, servers: values.server }));
    return;
  }
  const file = files.get(name);
  if (file === undefined) {
    response.writeHead(404, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-type': `${types[name.split('.').pop()]}; charset=utf-8` });
  createReadStream(fileURLToPath(file)).pipe(response);
});
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}/`);
});
