// `tsc --watch --noEmit`, whose findings go to the process that shows them: [number of errors, text].
import ts from 'typescript';

const foundErrors = new Set([6193, 6194]);
const format = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};
const toText = process.stdout.isTTY ? ts.formatDiagnosticsWithColorAndContext : ts.formatDiagnostics;
let findings = [];

process.once('disconnect', () => process.exit());
ts.createWatchProgram(
  ts.createWatchCompilerHost(
    'tsconfig.json',
    { noEmit: true },
    ts.sys,
    ts.createSemanticDiagnosticsBuilderProgram,
    (finding) => findings.push(finding),
    ({ code }) => {
      if (!foundErrors.has(code)) return;
      process.send([findings.length, toText(findings, format)]);
      findings = [];
    },
  ),
);
