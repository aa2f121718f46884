// Loaded into a server before it starts: on SIGUSR2 it prints whether something follows every promise of the process.
// Node.js gives the steps of a promise numbers of their own then.
const { executionAsyncId } = require('node:async_hooks');

process.on('SIGUSR2', async () => {
  await Promise.resolve();
  const first = executionAsyncId();
  await Promise.resolve();
  console.log(`promises are ${executionAsyncId() === first ? 'left alone' : 'followed'}`);
});
