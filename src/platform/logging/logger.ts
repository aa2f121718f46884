import type { LoggerService } from '@nestjs/common';
import { pino, type Logger as PinoLogger, type DestinationStream } from 'pino';
import type { Settings } from '../config/index.js';
import { escapeUnseen } from '../text/index.js';

/** Members that never reach a log line, at any of the depths that the program logs. */
const secretMembers = [
  'password',
  'secret',
  'client_secret',
  'clientSecret',
  'access_token',
  'accessToken',
  'refresh_token',
  'id_token',
  'authorization',
  'cookie',
  'code',
  'code_verifier',
  'registration_access_token',
  'token',
];
const redacted = secretMembers.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines on standard output; message first, then fields. */
export class Logger implements LoggerService {
  constructor(readonly pino: PinoLogger) {}

  static of(settings: Settings, destination?: DestinationStream): Logger {
    const options = {
      level: settings.get('logLevel'),
      redact: { paths: redacted, censor: '[redacted]' },
      base: {},
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level: string) => ({ level }) },
      hooks: { streamWrite: safeLine },
    };
    return new Logger(
      pino(
        options,
        destination ?? pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 500 }),
      ),
    );
  }

  /** Writes out what is buffered. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.pino.flush(() => resolve()));
  }

  info(message: string, fields: object = {}): void {
    this.pino.info(fields, message);
  }

  warn(message: unknown, fields: unknown = {}): void {
    this.pino.warn(objectOf(fields), String(message));
  }

  error(message: unknown, fields: unknown = {}): void {
    this.pino.error(objectOf(fields), String(message));
  }

  debug(message: unknown, fields: unknown = {}): void {
    this.pino.debug(objectOf(fields), String(message));
  }

  /** Nest's own lines are of interest when something is looked into. */
  log(message: unknown, context?: unknown): void {
    this.pino.debug(objectOf(context), String(message));
  }
}

const plainLine = /^[\x20-\x7e\n]*$/;

/** JSON leaves characters as they are that steer a terminal or turn the line round: they are escaped, too. */
function safeLine(line: string): string {
  return plainLine.test(line) ? line : escapeUnseen(line);
}

function objectOf(fields: unknown): object {
  if (fields instanceof Error)
    return { error: { name: fields.name, message: fields.message, stack: fields.stack } };
  return typeof fields === 'object' && fields !== null ? fields : { context: fields };
}
