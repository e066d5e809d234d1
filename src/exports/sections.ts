import type { ExportedItem } from '../database/sql/read-export-items.ts';
import type { ExportPosition } from '../domain/export.ts';

/** Items behind the index `after`, in order, page by page. */
export type ReadItems = (after: number) => AsyncIterable<ExportedItem[]>;

/** A stretch of a content: a fixed text, or a text for each page of items. Where a page ends must not show in the text. */
export type Section =
  | { kind: 'TEXT'; text: string }
  | { kind: 'ITEMS'; read: ReadItems; toText(page: ExportedItem[], isFirst: boolean): string };

/** A piece of a content, and where the content goes on behind it. */
export interface Piece {
  text: string;
  next: ExportPosition;
}

const beginning: ExportPosition = { section: 0, after: -1 };

/** The content from a position on: whichever it is, the pieces before and behind it make up the same text. */
export async function* readSections(sections: readonly Section[], from = beginning): AsyncGenerator<Piece> {
  for (const [at, section] of sections.entries()) {
    if (at < from.section) continue;
    if (section.kind === 'TEXT') {
      yield { text: section.text, next: { section: at + 1, after: -1 } };
      continue;
    }
    let { after } = at === from.section ? from : beginning;
    for await (const page of section.read(after)) {
      const last = page.at(-1);
      if (!last) continue;
      const text = section.toText(page, after === -1);
      after = last.index;
      yield { text, next: { section: at, after } };
    }
  }
}

/** A section of text that is known already. */
export function textSection(text: string): Section {
  return { kind: 'TEXT', text };
}
