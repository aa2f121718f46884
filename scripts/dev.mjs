// `npm run dev`: starts the server, and again with every saved file; data stays, as with `npm start`.
import { ensureBuilt, ensureInstalled, forgetBuild, rememberBuild } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
const { compile, forget, isCompiled, isThere } = await import('./dev/compiler.mjs');
const { Server } = await import('./dev/server.mjs');
const { buildFiles, SourceTree } = await import('./dev/source-tree.mjs');
const { TypeCheck } = await import('./dev/type-check.mjs');

const say = (text) => console.log(`[dev] ${text}`);
const named = (files) => (files.length === 1 ? files[0] : `${files.length} files`);

const tree = new SourceTree(process.env);
const types = new TypeCheck(say);
const server = new Server(process.env, (code) => say(`The server ended with ${code}. ${goesOn()}`));
/** What was saved or removed and is not in the running server yet. */
const changed = new Set();
const removed = new Set();
let isNews = false;
/** Whether the build was made by other rules than those that stand there now. */
let isOutdated = false;
let isWorking = false;
let stoppingSince;

function goesOn() {
  return server.isRunning ? 'The server goes on as it was.' : 'The next change starts it.';
}

function look() {
  const now = tree.look();
  for (const file of now.removed) {
    changed.delete(file);
    removed.add(file);
  }
  for (const file of now.changed) {
    removed.delete(file);
    changed.add(file);
  }
  for (const file of buildFiles.filter((name) => changed.delete(name) || removed.delete(name))) {
    isOutdated = true;
    say(`${file} changed: end this, and start npm run dev again.`);
  }
  isNews ||= now.changed.length + now.removed.length > 0;
  return isNews && changed.size + removed.size > 0;
}

/** The compiler's message without the trace of itself, and without a cause that says nothing. */
function readable(message) {
  return message
    .replace(/\n\s*Stack backtrace:\n[^]*$/, '')
    .replace(/\n\s*Caused by:\s+Syntax Error\s*$/, '')
    .trim();
}

/** All files that changed, or none: the folder is always that of a program which fits together. */
async function compileChanges() {
  forgetBuild();
  // Another process may have built, or have failed to, and emptied the folder.
  const missing = tree.sources.filter((file) => !isThere(file));
  const files = [...new Set([...[...changed].filter(isCompiled), ...missing])];
  const results = await Promise.allSettled(files.map((file) => compile(file)));
  const broken = files.filter((_, index) => results[index].status === 'rejected');
  if (broken.length > 0) {
    const problems = results.flatMap(({ reason }) =>
      reason ? [readable(String(reason.message ?? reason))] : [],
    );
    say(`${broken.join(', ')} can't be compiled. ${goesOn()}\n${problems.join('\n')}`);
    return false;
  }
  for (const { value: write } of results) await write();
  for (const file of [...removed].filter(isCompiled)) await forget(file);
  return true;
}

async function restart(reason, since) {
  const isReady = await server.restart();
  if (stoppingSince !== undefined) return;
  if (!isReady) {
    say(`${reason}: the server did not start. ${goesOn()}`);
    return;
  }
  say(`${reason}: the server is ready after ${((performance.now() - since) / 1000).toFixed(1)} s.`);
  rememberBuild(() => !isOutdated && !look());
}

/** One change after another, however fast they come: there is one server at a time. */
async function work() {
  if (isWorking) return;
  isWorking = true;
  types.hold();
  while (stoppingSince === undefined && look()) {
    isNews = false;
    const since = performance.now();
    if (!(await compileChanges())) continue;
    const reason = `${named([...changed, ...removed])} changed`;
    changed.clear();
    removed.clear();
    await restart(reason, since);
  }
  types.release();
  isWorking = false;
}

async function stop() {
  // npm passes a signal on that the terminal has sent already.
  if (stoppingSince !== undefined && performance.now() - stoppingSince < 500) return;
  stoppingSince = performance.now();
  tree.stop();
  types.stop();
  await server.stop();
  process.exit(0);
}

/** npm that is killed, or told to end by somebody else than the terminal, doesn't always tell its child. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && stoppingSince === undefined) void stop();
  }, 1_000).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop());
endWithNpm();
isWorking = true;
await restart('npm run dev', performance.now());
say('Watching src, migrations, config and the files that settings name. Ctrl-C ends.');
isWorking = false;
tree.start(() => void work());
