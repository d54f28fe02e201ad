// How long a text is, as each network counts it. The server decides when it is sent; this only shows it in time.

export interface Rule {
  count: "graphemes" | "mastodon";
  max: number;
  maxBytes: number; // 0 for none
  linkLength: number; // 0 when addresses count as they are
}

export interface Length {
  count: number;
  bytes: number;
}

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function graphemes(text: string): number {
  let n = 0;
  for (const _ of segments.segment(text)) n++;
  return n;
}

// Mastodon, app/validators/status_length_validator.rb: an address counts as 23 characters, and of a mention only the local part counts.
const address = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?'»”)\]]/giu;
const mention = /(^|[^/\p{L}\p{N}_])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\p{L}\p{N}][\p{L}\p{N}.-]*[\p{L}\p{N}]/giu;

export function measure(text: string, rule: Rule): Length {
  let counted = text;
  if (rule.count === "mastodon") {
    if (rule.linkLength > 0) counted = counted.replace(address, "x".repeat(rule.linkLength));
    counted = counted.replace(mention, "$1@$2");
  }
  return { count: graphemes(counted), bytes: new TextEncoder().encode(text).length };
}

export function tooLong(length: Length, rule: Rule): boolean {
  return length.count > rule.max || (rule.maxBytes > 0 && length.bytes > rule.maxBytes);
}
