import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { printError, printObject, printRows } from './output.js';

const hostile = 'bob\n\u001b[2J\u009b1mFAILED\u202e\u2028gnol\uffff\ud800\u0007';
/** What moves the cursor, turns the line round, or begins another one. */
const steering = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uffff]/u;

describe('what the command line prints', () => {
  let written: string;
  beforeEach(() => {
    written = '';
    const take = (text: unknown): boolean => {
      written += String(text);
      return true;
    };
    jest.spyOn(process.stdout, 'write').mockImplementation(take);
    jest.spyOn(process.stderr, 'write').mockImplementation(take);
  });
  afterEach(() => jest.restoreAllMocks());

  const command = (json: boolean): Command => {
    const made = new Command().option('--json');
    if (json) made.setOptionValue('json', true);
    return made;
  };

  it('is as many lines as it has rows and members, whatever these hold', () => {
    printRows(command(false), [{ name: hostile, tags: [hostile, hostile] }], ['name', 'tags']);
    printObject(command(false), { User: hostile, Client: { id: hostile } });
    const lines = written.split('\n');
    expect(lines).toHaveLength(2 + 2 + 1);
    for (const line of lines) expect(line).not.toMatch(steering);
    expect(written).toContain('FAILED');
  });

  it('is the same JSON, without what steers a terminal', () => {
    printRows(command(true), [{ name: hostile }], ['name']);
    expect(JSON.parse(written)).toEqual([{ name: hostile }]);
    expect(written.replaceAll('\n', '')).not.toMatch(steering);
  });

  it('has the lines of a message and nothing else', () => {
    printError(`first\n  \u001b]0;title\u0007\n`);
    expect(written).toBe('first\n  \\u001b]0;title\\u0007\n');
  });

  it('leaves secrets and tables as they are', () => {
    printObject(command(false), { clientSecret: 'aB3_-~=', scope: 'user/*.rs  openid' });
    expect(written).toBe('clientSecret  aB3_-~=\nscope         user/*.rs  openid\n');
  });

  it('goes through one file', () => {
    const folder = join(__dirname, '..');
    const writers = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .filter((file) => /process\.std(?:out|err)\b|console\./.test(readFileSync(join(folder, file), 'utf8')));
    // Log lines are cleaned by the logger; the bar writes numbers, and lines over itself.
    expect(writers.sort()).toEqual([
      'context/with-application.ts',
      'load/progress-bar.ts',
      'terminal/output.ts',
    ]);
  });
});
