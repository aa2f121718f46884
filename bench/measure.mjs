// Repeats requests and tells requests a second and CPU a request of the serving process.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../scripts/prepare.mjs';

const ticksPerSecond = 100;

/**
 * @param {string | readonly string[]} urls of one server, asked for in turn
 * @param {{ inFlight?: number, file?: string, form?: Record<string, string> }} [options] file: a resource that is
 *   posted; form: what is posted as a form; neither: a GET
 * @returns {Promise<{ perSecond: number, cpu: number }>} cpu: microseconds a request
 */
export async function measure(urls, headers, pid, seconds, { inFlight = 32, file, form } = {}) {
  const all = [urls].flat();
  const load = { urls: all, headers, seconds, inFlight, post: postOf(file, form) };
  const before = cpuSeconds(pid);
  const running = promisify(execFile)(process.execPath, [join(root, 'bench', 'cannon.mjs')], {
    maxBuffer: 2 ** 24,
  });
  running.child.stdin.end(JSON.stringify(load));
  const { stdout } = await running;
  const result = JSON.parse(stdout);
  const good = result['2xx'];
  if (good === 0 || result.non2xx > 0) throw new Error(`${all[0]}: ${result.non2xx} answers are no success`);
  return {
    perSecond: Math.round(good / result.duration),
    cpu: Math.round(((cpuSeconds(pid) - before) * 1e6) / good),
  };
}

function postOf(file, form) {
  if (form !== undefined) {
    return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
  }
  if (file === undefined) return undefined;
  return { type: 'application/fhir+json', body: readFileSync(file, 'utf8') };
}

/** Processor time of a process so far. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
