/** A variable of the environment that is no setting: what a bootstrap file names by `${NAME}`. */
export function environmentVariable(name: string): string | undefined {
  return process.env[name];
}
