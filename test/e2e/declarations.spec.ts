import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..');
const packageFile = readFileSync(join(root, 'package.json'), 'utf8');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: { readonly '.': { readonly types: string; readonly default: string } };
}
const manifest = JSON.parse(packageFile) as Manifest;

/** Runs the compiler of the build with other options. */
function declarations(outDir: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = ['-p', join(root, 'tsconfig.declarations.json'), '--outDir', outDir];
  execFileSync(process.execPath, [tsc, ...args], { cwd: root, stdio: 'pipe' });
}

function link(folder: string, name: string): void {
  const to = join(folder, 'node_modules', name);
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), to);
}

/** The errors of a project that has `firekeep` as a package: file and code. */
function compile(folder: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => join(folder, file)),
    {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(folder, 'node_modules', '@types')],
    },
  );
  const sources = program.getSourceFiles().map(({ fileName }) => fileName);
  expect(sources).toContain(join(folder, 'node_modules', 'firekeep', manifest.exports['.'].types));
  expect(sources.filter((file) => file.startsWith(join(root, 'src')))).toEqual([]);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, code }) => `${file?.fileName.slice(folder.length + 1) ?? ''} TS${code}`);
}

describe('the type declarations of the package', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'firekeep-declarations-'));
    const installed = join(folder, 'node_modules', 'firekeep');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), packageFile);
    declarations(join(installed, 'dist'));
    for (const name of [...Object.keys(manifest.dependencies), '@types/node']) link(folder, name);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    cpSync(join(root, 'examples', 'extension'), join(folder, 'extension'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are enough to compile the sample extension, away from the sources', () => {
    const files = readdirSync(join(folder, 'extension')).filter((file) => file.endsWith('.ts'));
    expect(files).toContain('clinic.module.ts');
    expect(
      compile(
        folder,
        files.map((file) => join('extension', file)),
      ),
    ).toEqual([]);
  });

  it('say what is wrong, and export nothing but the public API', () => {
    const wrong = {
      'hook.ts': `import { FhirHooks } from 'firekeep';
        export const add = (hooks: FhirHooks) => hooks.register({ name: 'x', afterCreate: ({ type }) => type.nonsense });`,
      'parameter.ts': `import type { SearchParameterRegistration } from 'firekeep';
        export const parameter: SearchParameterRegistration = { code: 'x', url: 'urn:x', base: ['Patient'], type: 'text', expression: 'a' };`,
      'inside.ts': `export { ResourceStore } from 'firekeep';`,
      'path.ts': `export { FhirModule } from 'firekeep/dist/src/fhir/fhir.module.js';`,
    };
    for (const [name, text] of Object.entries(wrong)) writeFileSync(join(folder, name), text);
    expect(compile(folder, Object.keys(wrong)).sort()).toEqual([
      'hook.ts TS2339',
      'inside.ts TS2305',
      'parameter.ts TS2322',
      'path.ts TS2307',
    ]);
  });

  it('are in the package that is packed, with everything that runs', () => {
    const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
    const [{ files }] = JSON.parse(answer.toString()) as [{ files: readonly { path: string }[] }];
    const paths = files.map(({ path }) => path);
    for (const path of [manifest.exports['.'].default.slice(2), 'bin/firekeep.mjs', 'config/default.yaml']) {
      expect(paths).toContain(path);
    }
    expect(paths.filter((path) => /^(?:src|test|data|docker|scripts)\//.test(path))).toEqual([]);
    expect((JSON.parse(packageFile) as { files: string[] }).files).toContain('dist/src');
  });
});
