/** What the server evaluates so far; the generators leave out the rest. */
export const landed = {
  ucum: true,
};
