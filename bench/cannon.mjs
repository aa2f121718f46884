// Sends what standard input says, in a process of its own, and prints what autocannon counted.
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

const { urls, headers, seconds, inFlight, post } = JSON.parse(await text(process.stdin));
const result = await autocannon({
  url: new URL(urls[0]).origin,
  connections: inFlight,
  duration: seconds,
  headers,
  requests: urls.map((url) => {
    const { pathname, search } = new URL(url);
    const path = pathname + search;
    if (post === undefined) return { path };
    return {
      path,
      method: 'POST',
      headers: { ...headers, 'content-type': post.type },
      body: post.body,
    };
  }),
});
console.log(JSON.stringify(result));
