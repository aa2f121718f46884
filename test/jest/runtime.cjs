const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const { requireShared, useTransformations } = require('./shared-modules.cjs');

/** Jest's runtime evaluates the spec and nothing else; what the spec imports is shared by all specs of the process. */
class SharedRuntime extends Runtime {
  constructor(...parts) {
    super(...parts);
    const { executor, transformCache } = this;
    executor.compile = (source, filename) =>
      compileFunction(source, executor.injectedModuleParameters, { filename });
    useTransformations(transformCache);
  }

  requireModuleOrMock(from, name) {
    return name === '@jest/globals' ? super.requireModuleOrMock(from, name) : requireShared(from, name);
  }
}

module.exports = SharedRuntime;
