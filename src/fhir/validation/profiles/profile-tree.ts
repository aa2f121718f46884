import type { Profile, ProfileElement } from './profile.js';

/** An element of a profile with what lies below it. */
export interface ProfileNode {
  readonly element: ProfileElement;
  /** Without the slice: `component`, `value[x]`. */
  readonly name: string;
  readonly children: readonly ProfileNode[];
  readonly slices: readonly ProfileNode[];
}

interface GrowingNode extends ProfileNode {
  readonly children: GrowingNode[];
  readonly slices: GrowingNode[];
}

const trees = new WeakMap<Profile, ProfileTree>();

/** The tree of a profile, made once. */
export function treeOf(profile: Profile): ProfileTree {
  let tree = trees.get(profile);
  if (tree === undefined) {
    tree = new ProfileTree(profile);
    trees.set(profile, tree);
  }
  return tree;
}

/** The elements of a profile by their ids, put into one another. */
export class ProfileTree {
  readonly root: ProfileNode;
  private readonly byId = new Map<string, GrowingNode>();

  constructor(readonly profile: Profile) {
    const own = new Map(profile.elements.map((element) => [element.id, element]));
    const root = this.grow(profile.elements[0]?.id.split('.', 1)[0] ?? profile.type, own);
    for (const { id } of profile.elements) this.grow(id, own);
    this.root = root;
  }

  /** What stands below an element: its own, or those of the element whose content it repeats. */
  childrenOf({ element, children }: ProfileNode): readonly ProfileNode[] {
    if (children.length > 0 || element.contentReference === undefined) return children;
    return this.byId.get(element.contentReference)?.children ?? [];
  }

  /** Elements that a differential leaves out between others are there, and ask for nothing. */
  private grow(id: string, own: ReadonlyMap<string, ProfileElement>): GrowingNode {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const cut = id.lastIndexOf('.');
    const [name, slice] = splitOnce(id.slice(cut + 1), ':');
    const node: GrowingNode = {
      element: own.get(id) ?? { id, constraints: [], ...(slice === undefined ? {} : { sliceName: slice }) },
      name,
      children: [],
      slices: [],
    };
    this.byId.set(id, node);
    if (slice !== undefined) this.grow(`${id.slice(0, cut + 1)}${outer(name, slice)}`, own).slices.push(node);
    else if (cut !== -1) this.grow(id.slice(0, cut), own).children.push(node);
    return node;
  }
}

/** What a slice belongs to: the element, or for `a/b` the slice `a`, of which it is a part. */
function outer(name: string, slice: string): string {
  const cut = slice.lastIndexOf('/');
  return cut === -1 ? name : `${name}:${slice.slice(0, cut)}`;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
