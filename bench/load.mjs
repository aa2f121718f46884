// Posts Bundles with four requests in flight and tells how long it took.
import { Agent, request } from 'undici';

const inFlight = 4;

/** @returns {Promise<{ resources: number, seconds: number }>} */
export async function loadSeconds(base, headers, files) {
  const dispatcher = new Agent({ connections: inFlight, headersTimeout: 300_000 });
  const queue = [...files];
  let resources = 0;
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const { statusCode, body } = await request(base, {
        method: 'POST',
        dispatcher,
        headers: { ...headers, 'content-type': 'application/fhir+json', prefer: 'return=minimal' },
        body: file.text,
      });
      const answer = await body.text();
      if (statusCode !== 200) throw new Error(`${file.name}: ${statusCode} ${answer.slice(0, 500)}`);
      resources += file.entries;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - started) / 1000;
  await dispatcher.close();
  return { resources, seconds };
}
