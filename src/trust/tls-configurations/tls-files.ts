import { readFile, stat } from 'node:fs/promises';
import { FirekeepError } from '../../platform/errors/index.js';
import type { TlsConfigurationFiles, TlsConfigurationInput } from './tls-configuration.js';

const maximumBytes = 1024 * 1024;

/**
 * Reads the PEM files of a configuration now.
 *
 * @throws FirekeepError `TRUST_TLS_FILE_UNREADABLE`
 */
export async function readTlsFiles(files: TlsConfigurationFiles): Promise<TlsConfigurationInput> {
  const read = (path: string | undefined): Promise<string | null> =>
    path === undefined ? Promise.resolve(null) : readPem(files.name, path);
  return {
    name: files.name,
    ...(files.minVersion === undefined ? {} : { minVersion: files.minVersion }),
    ca: await read(files.caFile),
    certificate: await read(files.certFile),
    key: await read(files.keyFile),
  };
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maximumBytes) throw new Error('longer than 1 MiB');
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = (error as { code?: string }).code ?? (error as Error).message;
    throw new FirekeepError(
      'invalid',
      'TRUST_TLS_FILE_UNREADABLE',
      `The TLS configuration "${name}" names ${path}, which can't be read (${reason}).`,
      { cause: error },
    );
  }
}
