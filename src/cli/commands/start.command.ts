import { Command } from 'commander';
import { runServer } from '../../process/index.js';

/** `firekeep start`: the server, as `npm start` without installing and building. */
export function startCommand(): Command {
  return new Command('start').description('start the server').action(() => runServer());
}
