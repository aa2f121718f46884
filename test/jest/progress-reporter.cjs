/** Tells the process that started Jest what runs and what came of it, so that it can name what takes too long. */
class ProgressReporter {
  onTestFileStart({ path }) {
    tell({ kind: 'file', path });
  }

  onTestCaseStart({ path }, { ancestorTitles, title }) {
    tell({ kind: 'case', path, name: [...ancestorTitles, title].join(' › ') });
  }

  onTestCaseResult({ path }) {
    tell({ kind: 'file', path });
  }

  onTestFileResult({ path, context }, result) {
    const count = (...statuses) =>
      result.testResults.filter(({ status }) => statuses.includes(status)).map(({ fullName }) => fullName);
    tell({
      kind: 'result',
      path,
      project: context.config.displayName?.name ?? '',
      passed: count('passed').length,
      failed: count('failed'),
      unfinished: count('pending', 'skipped', 'todo', 'disabled', 'focused'),
      // A file that could not be run, or has no test.
      broken: result.testExecError !== undefined || result.testResults.length === 0,
      seconds: (result.perfStats.end - result.perfStats.start) / 1000,
    });
  }
}

function tell(message) {
  process.send?.(message);
}

module.exports = ProgressReporter;
