import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { FirekeepError } from '../../platform/errors/index.js';
import { onOneLine, printError } from './output.js';

/**
 * A password from the terminal, asked twice and not shown, or the first line of standard input where it is no
 * terminal. Never from an argument, which other users of the machine can read.
 */
export async function readNewPassword(username: string): Promise<string> {
  if (!process.stdin.isTTY) return readLine();
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: muted, terminal: true });
  try {
    printError(`New password for ${onOneLine(username)}: `);
    const first = await prompt.question('');
    printError('\nAgain: ');
    const second = await prompt.question('');
    printError('\n');
    if (first !== second)
      throw new FirekeepError('invalid', 'CLI_PASSWORDS_DIFFER', 'The two passwords differ.');
    return first;
  } finally {
    prompt.close();
  }
}

async function readLine(): Promise<string> {
  let input = '';
  for await (const chunk of process.stdin) {
    input += String(chunk);
    if (input.length > 10_000) break;
  }
  const line = input.split(/\r?\n/, 1)[0] ?? '';
  if (line === '') {
    throw new FirekeepError(
      'invalid',
      'CLI_NO_PASSWORD',
      'Give the password on standard input, or run on a terminal.',
    );
  }
  return line;
}
