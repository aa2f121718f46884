// Repeats one request and tells requests a second and CPU a request of the serving process.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../scripts/prepare.mjs';

const ticksPerSecond = 100;

/**
 * @param {{ inFlight?: number, file?: string }} [options] file: what is posted; absent: a GET
 * @returns {Promise<{ perSecond: number, cpu: number }>} cpu: microseconds a request
 */
export async function measure(url, headers, pid, seconds, { inFlight = 32, file } = {}) {
  const args = ['-c', String(inFlight), '-d', String(seconds), '-j', '-n'];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}=${value}`);
  if (file !== undefined) args.push('-m', 'POST', '-i', file, '-H', 'content-type=application/fhir+json');
  const before = cpuSeconds(pid);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules', 'autocannon', 'autocannon.js'), ...args, url],
    { maxBuffer: 2 ** 24 },
  );
  const result = JSON.parse(stdout);
  const good = result['2xx'];
  if (good === 0 || result.non2xx > 0) throw new Error(`${url}: ${result.non2xx} answers are no success`);
  return {
    perSecond: Math.round(good / result.duration),
    cpu: Math.round(((cpuSeconds(pid) - before) * 1e6) / good),
  };
}

/** Processor time of a process so far. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
