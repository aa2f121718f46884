// Sends what standard input says, in a process of its own, and prints what autocannon counted.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

const { urls, headers, seconds, inFlight, file } = JSON.parse(await text(process.stdin));
const post = {
  method: 'POST',
  headers: { ...headers, 'content-type': 'application/fhir+json' },
};
const result = await autocannon({
  url: new URL(urls[0]).origin,
  connections: inFlight,
  duration: seconds,
  headers,
  requests: urls.map((url) => ({
    path: new URL(url).pathname,
    ...(file === undefined ? {} : { ...post, body: readFileSync(file) }),
  })),
});
console.log(JSON.stringify(result));
