/** What one XML text may hold; everything beyond is refused while it is read, before it takes memory. */
export interface XmlLimits {
  /** Bytes of a text that comes in, characters of one that goes out. */
  readonly size: number;
  /** Elements of FHIR inside one another. */
  readonly depth: number;
  /** Elements of a narrative inside one another; the same as the validator takes. */
  readonly narrativeDepth: number;
  /** Elements of the whole text, those of narratives included. */
  readonly elements: number;
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number;
}

/** A whole request body, a Bundle of resources included. */
export const xmlLimits: XmlLimits = {
  size: 128 * 1024 * 1024,
  depth: 70,
  narrativeDepth: 100,
  elements: 5_000_000,
  attributes: 64,
};
