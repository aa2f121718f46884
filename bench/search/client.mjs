// Sends searches and keeps how long each took.
import { Agent, request } from 'undici';

const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** @typedef {{ count: number, perSecond: number, p50: number, p95: number, inFlight: number, statuses: Record<string, number> }} Seen times in ms */

export class Client {
  constructor(base, headers) {
    this.base = base;
    this.headers = headers;
    this.agent = new Agent({
      connections: 256,
      pipelining: 1,
      headersTimeout: 120_000,
      bodyTimeout: 120_000,
    });
  }

  /** @returns {Promise<{ status: number, body: string, ms: number }>} */
  async get(path) {
    const started = performance.now();
    const url = path.startsWith('http') ? path : `${this.base}/${path}`;
    const { statusCode, body } = await request(url, { dispatcher: this.agent, headers: this.headers });
    const text = await body.text();
    return { status: statusCode, body: text, ms: performance.now() - started };
  }

  /** As fast as answers come, with so many requests in flight. @returns {Promise<Seen>} */
  async saturate(paths, inFlight, seconds) {
    const seen = new Times();
    const end = performance.now() + seconds * 1000;
    let next = 0;
    const one = async () => {
      while (performance.now() < end) {
        const { status, ms } = await this.get(paths[next++ % paths.length]);
        seen.add(ms, status);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    return seen.result(inFlight);
  }

  /** At a rate, whether answers come or not; a time counts from when its request was due. @returns {Promise<Seen>} */
  async pace(paths, perSecond, seconds) {
    const seen = new Times();
    const total = Math.max(3, Math.round(perSecond * seconds));
    const started = performance.now();
    const running = new Set();
    let most = 0;
    for (let n = 0; n < total; n += 1) {
      const due = started + (n * 1000) / perSecond;
      for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
        await new Promise((resolve) => (left > 2 ? setTimeout(resolve, left - 1) : setImmediate(resolve)));
      }
      const one = this.get(paths[n % paths.length])
        .then(({ status }) => seen.add(performance.now() - due, status))
        .finally(() => running.delete(one));
      running.add(one);
      most = Math.max(most, running.size);
    }
    await Promise.all(running);
    return seen.result(most);
  }

  close() {
    return this.agent.close();
  }
}

class Times {
  times = [];
  statuses = {};
  started = performance.now();

  add(ms, status) {
    this.times.push(ms);
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  result(inFlight) {
    const seconds = (performance.now() - this.started) / 1000;
    const sorted = this.times.toSorted((a, b) => a - b);
    return {
      count: sorted.length,
      perSecond: sorted.length / seconds,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      inFlight,
      statuses: this.statuses,
    };
  }
}
