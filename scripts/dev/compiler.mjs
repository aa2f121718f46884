// Compiles single files as `nest build` does all of them, which reads the same .swcrc.
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { transformFile } from '@swc/core';
import { root } from '../prepare.mjs';

const isSource = (file) => /\.ts$/.test(file) && !/\.(spec|d)\.ts$/.test(file);
/** Data and programs that nest-cli.json has copied. */
const isAsset = (file) => /\.(mjs|json\.br)$/.test(file);

/** Whether the build makes something of a file of `src` or `migrations`. */
export const isCompiled = (file) => isSource(file) || isAsset(file);

const outputOf = (file) => join('dist', isSource(file) ? file.replace(/\.ts$/, '.js') : file);

export const isThere = (file) => existsSync(join(root, outputOf(file)));

/**
 * Compiles in memory, so that nothing of it counts where one file is wrong.
 *
 * @param {string} file below the root
 * @returns {Promise<() => Promise<void>>} what writes the result
 * @throws with the place and what is wrong there
 */
export async function compile(file) {
  const output = join(root, outputOf(file));
  const write = async (content) => {
    await mkdir(dirname(output), { recursive: true });
    await (content === undefined ? copyFile(join(root, file), output) : writeFile(output, content));
  };
  if (isAsset(file)) return () => write();
  const sourceFileName = relative(dirname(outputOf(file)), file);
  const { code, map } = await transformFile(file, { cwd: root, swcrc: true, sourceFileName });
  return async () => {
    await write(`${code}\n//# sourceMappingURL=${output.slice(dirname(output).length + 1)}.map`);
    await writeFile(`${output}.map`, JSON.stringify({ ...JSON.parse(map), sources: [sourceFileName] }));
  };
}

/** Removes what was compiled of a file that is gone. */
export async function forget(file) {
  for (const ending of ['', '.map']) await rm(join(root, outputOf(file) + ending), { force: true });
}
