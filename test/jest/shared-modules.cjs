// Modules of the program, of the kit and of packages are loaded by Node.js, once a process, as `node` would: evaluating
// Nest, TypeORM and the definitions takes seconds, and each spec would do it again.
const { existsSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');

const root = dirname(dirname(__dirname));
const packages = `${join(root, 'node_modules')}/`;
const named = new Map([
  ['firekeep', join(root, 'src', 'index.ts')],
  // Its exports have no condition that CommonJS looks for.
  ['fhir-kit-client', join(root, 'node_modules', 'fhir-kit-client', 'dist', 'index.js')],
]);
const sourceMaps = new Map();
let transform;

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const filename = parent?.filename ?? '';
  if (filename.startsWith(root) && !filename.includes('/node_modules/')) {
    if (named.has(request)) return named.get(request);
    if (/^\.{1,2}\/.*\.js$/.test(request)) {
      const source = join(dirname(filename), `${request.slice(0, -3)}.ts`);
      if (existsSync(source)) return source;
    }
  }
  return resolveFilename.call(this, request, parent, ...rest);
};

Module._extensions['.ts'] = (module, filename) => {
  module._compile(transform(filename), filename);
};
require('reflect-metadata');

/**
 * @param {{ transform(filename: string): string, getSourceMaps(): Map<string, string> }} transformations of Jest, which
 *   keeps on disk what was transformed
 */
function useTransformations(transformations) {
  transform = (filename) => {
    const code = transformations.transform(filename);
    const sourceMap = transformations.getSourceMaps().get(filename);
    if (sourceMap !== undefined) sourceMaps.set(filename, sourceMap);
    return code;
  };
  for (const [filename, sourceMap] of sourceMaps) transformations.getSourceMaps().set(filename, sourceMap);
}

/** What `name` is for the module `from`. */
const requireShared = (from, name) => Module.createRequire(from)(name);

module.exports = { packages, requireShared, useTransformations };
