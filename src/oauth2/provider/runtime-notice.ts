/**
 * The protocol engine says on standard error, when it is imported, that it is not meant for a Node.js older than 22.
 * What Firekeep needs of it is tested on Node.js 20 too, so the person who starts the server is spared that line.
 * Nothing else is held back, and the console is as before once the line came.
 */
const notice = 'oidc-provider WARNING: Unsupported runtime.';

if (Number(process.versions.node.split('.')[0]) < 22) {
  const { warn } = console;
  console.warn = (...parts: unknown[]) => {
    if (String(parts[0]).includes(notice)) console.warn = warn;
    else warn.apply(console, parts);
  };
}
