// Repeats requests and tells requests a second and CPU a request of the serving process.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../scripts/prepare.mjs';

const ticksPerSecond = 100;

/**
 * @param {string | readonly string[]} urls of one server, asked for in turn
 * @param {{ inFlight?: number, file?: string }} [options] file: what is posted; absent: a GET
 * @returns {Promise<{ perSecond: number, cpu: number }>} cpu: microseconds a request
 */
export async function measure(urls, headers, pid, seconds, { inFlight = 32, file } = {}) {
  const all = [urls].flat();
  const load = { urls: all, headers, seconds, inFlight, file };
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

/** Processor time of a process so far. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
