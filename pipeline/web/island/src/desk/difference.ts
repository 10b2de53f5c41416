// Where two short texts differ, sign by sign.
import { make } from "./types";

const MARKS = /[\s\p{P}]/u;
const LONGEST = 400;

/** Return for each sign of `text` whether `other` has it in the same order; marks and blanks never differ. */
export function shared(text: string, other: string): boolean[] {
  const [a, b] = [[...text].slice(0, LONGEST), [...other].slice(0, LONGEST)];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const found = a.map((sign) => MARKS.test(sign));
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      found[i] = true;
      i++;
      j++;
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return found;
}

/** Return `text` as elements, with what `other` lacks marked. */
export function compared(text: string, other: string): (Node | string)[] {
  const same = shared(text, other);
  const parts: (Node | string)[] = [];
  let begin = 0;
  const signs = [...text];
  for (let end = 1; end <= signs.length; end++) {
    if (end < signs.length && same[end] === same[begin]) continue;
    const part = signs.slice(begin, end).join("");
    parts.push(same[begin] ? part : make("mark", "", part));
    begin = end;
  }
  return parts;
}
